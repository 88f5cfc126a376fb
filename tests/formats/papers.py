"""Files of every printed kind, made here: own companies, any number of lines. Food for the tests of printed forms."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from xml.sax.saxutils import quoteattr

GUID = "0b7f0a52-6f0e-4a3c-9f6a-1c2d3e4f5a{:02d}"
SELLER_ID, BUYER_ID = "2XX-lizingprom", "2XX-severexpress"
GOODS = (
    ("Седельный тягач, 2026 г., VIN X9F00000000000417", "шт", "796", Decimal("1.000"), Decimal("6543210.50")),
    ("Полуприцеп тентованный трёхосный", "шт", "796", Decimal(2), Decimal("2180000.00")),
    ("Комплект зимних шин 315/70 R22.5", "компл", "839", Decimal(3), Decimal("98750.25")),
    ("Услуги по регистрации транспортных средств в ГИБДД, включая подготовку документов", "усл. ед", "876", Decimal(1), Decimal("12500.00")),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Item:
    """A line with its sums at 22 %."""

    number: int
    name: str
    unit: str
    okei: str
    quantity: Decimal
    price: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


def items(count: int) -> list[Item]:
    found = []
    for number in range(1, count + 1):
        name, unit, okei, quantity, price = GOODS[(number - 1) % len(GOODS)]
        net = (quantity * price).quantize(Decimal("0.01"))
        tax = (net * Decimal("0.22")).quantize(Decimal("0.01"))
        shown = name if number <= len(GOODS) else f"{name}, поставка {number}"
        found.append(
            Item(number=number, name=shown, unit=unit, okei=okei, quantity=quantity, price=price, net=net, tax=tax, gross=net + tax)
        )
    return found


def total(lines: list[Item]) -> tuple[Decimal, Decimal, Decimal]:
    return (
        sum((line.net for line in lines), Decimal()),
        sum((line.tax for line in lines), Decimal()),
        sum((line.gross for line in lines), Decimal()),
    )


def file_of(prefix: str, number: int, body: str, *, version: str = "5.01", exchange: bool = True, first: str = BUYER_ID) -> bytes:
    second = SELLER_ID if first == BUYER_ID else BUYER_ID
    id_ = f"{prefix}_{first}_{second}_20261117_{GUID.format(number)}"
    box = f'<СвУчДокОбор ИдОтпр="{second}" ИдПол="{first}"/>' if exchange else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Файл ИдФайл="{id_}" ВерсФорм="{version}" ВерсПрог="edo-service">{box}{body}</Файл>'
    ).encode()


FIO = '<ФИО Фамилия="{}" Имя="{}" Отчество="{}"/>'
ORLOV, BELOVA, KIM = (
    FIO.format(*name)
    for name in (("Орлов", "Игорь", "Павлович"), ("Белова", "Анна", "Сергеевна"), ("Ким", "Олег", "Андреевич"))
)
ADDRESS_ONE = '<АдрРФ Индекс="127000" КодРегион="77" Город="Москва" Улица="ул. Сущёвская" Дом="д. 12" Кварт="оф. 305"/>'
ADDRESS_TWO = '<АдрРФ Индекс="190000" КодРегион="78" Город="Санкт-Петербург" Улица="наб. реки Мойки" Дом="д. 8"/>'
BANK = '<БанкРекв НомерСчета="40702810000000000417"><СвБанк НаимБанк="АО «Тестовый банк»" БИК="044525000" КорСчет="30101810000000000000"/></БанкРекв>'
ONE, TWO = "ООО «ЛизингПром»", "ООО «Северный экспресс»"


def party(tag: str, who: int, *, inner: str, wrap: str = "{}", bank: bool = True, kpp: bool = True, extra: str = "", address: str | None = None) -> str:  # noqa: PLR0913  (the schemas differ in each of these)
    name, inn, code = ((ONE, "7700000016", "770001001"), (TWO, "7800000027", "780001001"))[who]
    place = (ADDRESS_ONE, ADDRESS_TWO)[who] if address is None else address
    facts = f'<{inner} НаимОрг={quoteattr(name)} ИННЮЛ="{inn}"{f" КПП={quoteattr(code)}" if kpp else ""}{extra}/>'
    place = f"<Адрес>{place}</Адрес>" if place else ""
    return f"<{tag} ОКПО=\"{('12345678', '87654321')[who]}\"><ИдСв>{wrap.format(facts)}</ИдСв>{place}{BANK if bank else ''}</{tag}>"


def signer(person: str, position: str, *, status: str = "1", basis: str = "ОснПолн") -> str:
    inn = "7700000016" if person == ORLOV else "7800000027"
    name = ONE if person == ORLOV else TWO
    return (
        f'<Подписант ОблПолн="3" Статус="{status}" {basis}="Устав"><ЮЛ ИННЮЛ="{inn}" НаимОрг={quoteattr(name)} Должн="{position}">'
        f"{person}</ЮЛ></Подписант>"
    )


CONTRACT = 'НаимОсн="Договор лизинга" НомОсн="Л-2024/118" ДатаОсн="15.03.2024"'
MADE = 'ВремИнфПр="10.15.00" НаимЭконСубСост="ООО «ЛизингПром», ИНН/КПП 7700000016/770001001"'
ANSWERED = 'НаимЭконСубСост="ООО «Северный экспресс», ИНН/КПП 7800000027/780001001"'
SIGNATURE = "<ЭП>MIIE7wYJKoZIhvcNAQcCoIIE4DCCBNw=</ЭП>"


def goods_note(count: int) -> bytes:
    lines = items(count)
    net, tax, gross = total(lines)
    rows = "".join(
        f'<СвТов НомТов="{line.number}" НаимТов={quoteattr(line.name)} АртикулТов="А-{line.number:04d}" КодТов="{1000 + line.number}" НаимЕдИзм="{line.unit}" '
        f'ОКЕИ_Тов="{line.okei}" ВидУпак="без упаковки" Место="1" КолМест="1" Брутто="125.500" НеттоПередано="{line.quantity}" Цена="{line.price}" '
        f'СтБезНДС="{line.net}" НалСт="20%" СумНДС="{line.tax}" СтУчНДС="{line.gross}"/>'
        for line in lines
    )
    parties = "".join(
        party(tag, who, inner="СвЮЛ", wrap="<СвОрг>{}</СвОрг>")
        for tag, who in (("ГрузОтпр", 0), ("ГрузПолуч", 1), ("Продавец", 0), ("Покупатель", 1))
    )
    body = (
        f'<Документ КНД="1175010" ДатаИнфПр="17.11.2025" {MADE}><СвДокПТПрКроме><СвДокПТПр>'
        '<НаимДок ПоФактХЖ="Документ о передаче товара при торговых операциях" НаимДокОпр="Товарная накладная"/>'
        '<ИдентДок НомДокПТ="ТН-417" ДатаДокПТ="17.11.2025"/><ДенИзм КодОКВ="643" НаимОКВ="Российский рубль"/>'
        f"<СодФХЖ1>{parties}<Основание {CONTRACT}/><ВидОперации>Продажа</ВидОперации></СодФХЖ1></СвДокПТПр>"
        f'<СодФХЖ2>{rows}<Всего КолМестВс="{count}" БруттоВс="{count * Decimal("125.5")}" НеттоВс="{sum(line.quantity for line in lines)}" '
        f'СтБезНДСВс="{net}" СумНДСВс="{tax}" СтУчНДСВс="{gross}"/></СодФХЖ2></СвДокПТПрКроме>'
        '<СодФХЖ3 СодОпер="Товар передан" ДатаОтпуск="17.11.2025" КолПрил="2">'
        f'<СвЛицОтпГруз><РабОргПрод Должность="кладовщик">{KIM}</РабОргПрод></СвЛицОтпГруз>'
        '<ТранНакл НомТранНакл="ТТН-91" ДатаТранНакл="17.11.2025"/></СодФХЖ3>'
        f"{signer(ORLOV, 'генеральный директор')}</Документ>"
    )
    return file_of("DP_TOVTORGPR", 1, body)


def goods_note_answer() -> bytes:
    body = (
        f'<Документ КНД="1175011" ДатаИнфПок="18.11.2025" ВремИнфПок="11.20.00" {ANSWERED}>'
        f'<ИдДокПТПр ИдФайлИнфПр="DP_TOVTORGPR_{BUYER_ID}_{SELLER_ID}_20261117_{GUID.format(1)}">{SIGNATURE}</ИдДокПТПр>'
        '<СодФХЖ4 НаимДокОпрПр="Товарная накладная" НомДокПТПр="ТН-417" ДатаДокПТПр="17.11.2025">'
        '<ГрузПолучил СодОпер="Товар принят без расхождений" ДатаПолуч="18.11.2025"><СвЛицПолГруз>'
        f'<РабОргПок Должность="заведующий складом" ОснПолн="доверенность № 12 от 01.11.2025">{BELOVA}</РабОргПок></СвЛицПолГруз></ГрузПолучил></СодФХЖ4>'
        f"{signer(BELOVA, 'заведующий складом')}</Документ>"
    )
    return file_of("DP_TOVTORGPOK", 2, body, first=SELLER_ID)


def work_act(count: int) -> bytes:
    lines = items(count)
    net, tax, gross = total(lines)
    rows = "".join(
        f'<Работа Номер="{line.number}" НаимРабот={quoteattr(line.name)} НаимЕдИзм="{line.unit}" ОКЕИ="{line.okei}" Цена="{line.price}" '
        f'Количество="{line.quantity}" СтоимБезНДС="{line.net}" НалСт="20%" СумНДС="{line.tax}" СтоимУчНДС="{line.gross}"/>'
        for line in lines
    )
    parties = "".join(
        party(tag, who, inner="СвЮЛ", wrap="<СвОрг>{}</СвОрг>") for tag, who in (("Исполнитель", 0), ("Заказчик", 1))
    )
    body = (
        '<Документ КНД="1175012" ДатаИнфИсп="17.11.2025" ВремИнфИсп="10.15.00" НаимЭконСубСост="ООО «ЛизингПром»"><СвДокПРУ>'
        '<НаимДок ПоФактХЖ="Документ о передаче результатов работ (Документ об оказании услуг)" НаимДокОпр="Акт об оказании услуг"/>'
        '<ИдентДок НомДокПРУ="А-88" ДатаДокПРУ="17.11.2025"/><ДенИзм КодОКВ="643" НаимОКВ="Российский рубль"/>'
        f"<СодФХЖ1>{parties}<Основание {CONTRACT}/>"
        f'<ОписРабот НачРабот="01.10.2025" КонРабот="31.10.2025" СтБезНДСИт="{net}" СумНДСИт="{tax}" СтУчНДСИт="{gross}">{rows}</ОписРабот></СодФХЖ1></СвДокПРУ>'
        '<СодФХЖ2 СодОпер="Услуги оказаны в полном объёме" ДатаПер="17.11.2025"/>'
        f"{signer(ORLOV, 'генеральный директор', basis='ОснПолнПодп')}</Документ>"
    )
    return file_of("DP_REZRUISP", 3, body)


def work_act_answer() -> bytes:
    body = (
        '<Документ КНД="1175013" ДатаИнфЗак="18.11.2025" ВремИнфЗак="11.20.00" НаимЭконСубСост="ООО «Северный экспресс»">'
        f'<ИдДокПРУИсп ИдФайлИнфИсп="DP_REZRUISP_{GUID.format(3)}" ДатаФайлИнфИсп="17.11.2025" ВремФайлИнфИсп="10.15.00">{SIGNATURE}</ИдДокПРУИсп>'
        '<СодФХЖ3 НаимДокОпрИсп="Акт об оказании услуг" НомДокПРУИсп="А-88" ДатаДокПРУИсп="17.11.2025">'
        '<РезПринял СодОпер="Услуги приняты без замечаний" ДатаПрием="18.11.2025"/></СодФХЖ3>'
        f"{signer(BELOVA, 'главный бухгалтер')}</Документ>"
    )
    return file_of("DP_REZRUZAK", 4, body, first=SELLER_ID)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A kind with a form: the file of so many lines and, where there is one, the other side's title."""

    file: Callable[[int], bytes]
    answer: Callable[[], bytes] | None = None
    lines: int = 4


PAPERS: dict[str, Paper] = {
    "goods_note": Paper(file=goods_note, answer=goods_note_answer),
    "work_act": Paper(file=work_act, answer=work_act_answer),
}
