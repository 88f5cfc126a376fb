# ruff: noqa: E501  (lines of XML are as long as its attributes)
"""Files of every printed kind, made here: own companies, any number of lines. Food for the tests of printed forms."""

import re
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
            Item(
                number=number,
                name=shown,
                unit=unit,
                okei=okei,
                quantity=quantity,
                price=price,
                net=net,
                tax=tax,
                gross=net + tax,
            )
        )
    return found


def total(lines: list[Item]) -> tuple[Decimal, Decimal, Decimal]:
    return (
        sum((line.net for line in lines), Decimal()),
        sum((line.tax for line in lines), Decimal()),
        sum((line.gross for line in lines), Decimal()),
    )


def file_of(
    prefix: str,
    number: int,
    body: str,
    *,
    version: str = "5.01",
    exchange: bool = True,
    first: str = BUYER_ID,
    more: str = "",
) -> bytes:
    second = SELLER_ID if first == BUYER_ID else BUYER_ID
    id_ = f"{prefix}_{first}_{second}_20261117_{GUID.format(number)}"
    box = f'<СвУчДокОбор ИдОтпр="{second}" ИдПол="{first}"/>' if exchange else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Файл ИдФайл="{id_}" ВерсФорм="{version}" ВерсПрог="edo-service"{more}>{box}{body}</Файл>'
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


def party(
    tag: str,
    who: int,
    *,
    inner: str,
    wrap: str = "{}",
    bank: bool = True,
    kpp: bool = True,
    extra: str = "",
    address: str | None = None,
) -> str:
    name, inn, code = ((ONE, "7700000016", "770001001"), (TWO, "7800000027", "780001001"))[who]
    place = (ADDRESS_ONE, ADDRESS_TWO)[who] if address is None else address
    facts = f'<{inner} НаимОрг={quoteattr(name)} ИННЮЛ="{inn}"{f" КПП={quoteattr(code)}" if kpp else ""}{extra}/>'
    place = f"<Адрес>{place}</Адрес>" if place else ""
    return f'<{tag} ОКПО="{("12345678", "87654321")[who]}"><ИдСв>{wrap.format(facts)}</ИдСв>{place}{BANK if bank else ""}</{tag}>'


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


def construction_act(count: int) -> bytes:
    lines = items(count)
    net, tax, gross = total(lines)
    half = (count + 1) // 2

    def works(part: list[Item]) -> str:
        return "".join(
            f'<СвВидРаб НомСтр="{line.number}" ПозСмет="{line.number}.1" НомПоз="{line.number}" НаимТов={quoteattr(line.name)} ЦенаТов="{line.price}" '
            f'СтТовБезНДС="{line.net}" ОКЕИ_Стройка="{line.okei}" НаимЕдИзм="{line.unit}"><КолТов>{line.quantity}</КолТов></СвВидРаб>'
            for line in part
        )

    def section(number: int, name: str, part: list[Item]) -> str:
        return (
            f'<Раздел НомРазд="{number}" НаимРаздел="{name}" СтБезНДСРаздОтч="{total(part)[0]}">{works(part)}</Раздел>'
            if part
            else ""
        )

    def builder(tag: str, who: int) -> str:
        return f"<{tag}>{party('СвСторДог', who, inner='СвЮЛУч')}</{tag}>"

    body = (
        '<Документ КНД="1110335" ДатаИнфПодр="17.11.2026" ВремИнфПодр="10:15:00" НаимЭкСубСост="ООО «ЛизингПром»">'
        '<СвАктСдПр НомерДок="КС-12" ДатаДок="17.11.2026" НаимОб="Складской комплекс, корпус 2" КодОКВДог="643">'
        '<ИдДог><ТипИдДок НаимДок="Договор строительного подряда" НомерДок="СП-7" ДатаДок="01.03.2026"/></ИдДог>'
        f"{builder('СвПодр', 0)}{builder('СвЗак', 1)}"
        '<МестВыпРаб><АдрИнф КодСтр="643" АдрТекст="Ленинградская область, Всеволожский район, складской комплекс «Север»"/></МестВыпРаб>'
        '<ИзмСметНет>смета не менялась</ИзмСметНет><ДенИзм КодОКВ="643" НаимОКВ="Российский рубль"/></СвАктСдПр>'
        f"<НаимИСт>{section(1, 'Земляные работы', lines[:half])}{section(2, 'Монтаж', lines[half:])}</НаимИСт>"
        '<СвПродПер><СвПер СодОпер="Результаты работ сданы" НачПерВДок="01.10.2026" ОконПерВДок="31.10.2026"/></СвПродПер>'
        f'<ВсегоАктОтч СтТовБезНДСВсего="{net}" СтТовУчНалВсего="{gross}"><СумНалВсего>{tax}</СумНалВсего></ВсегоАктОтч>'
        f'<ПодписантПодр><Подписант СтатПодп="1" ТипПодпис="1" Должн="генеральный директор">{ORLOV}</Подписант></ПодписантПодр></Документ>'
    )
    return file_of("ON_AKTREZRABP", 5, body, version="1.00", exchange=False)


def construction_answer() -> bytes:
    body = (
        '<Документ КНД="1110336" ДатИнфЗак="18.11.2026" ВрИнфЗак="11.20.00" НаимЭконСубСост="ООО «Северный экспресс»">'
        f'<ИдИнфПодр ИдФайлИнфПодр="ON_AKTREZRABP_{GUID.format(5)}" ДатаФайлИнфПодр="17.11.2026" ВремяФайлИнфПодр="10.15.00">{SIGNATURE}</ИдИнфПодр>'
        '<СодФХЖ4 НомПостДок="КС-12" ДатаПостДок="17.11.2026" ПрГосМун="0">'
        '<СвПрием СодОпер="Работы приняты" КодСодОпер="1"><ДатаПрин>18.11.2026</ДатаПрин></СвПрием></СодФХЖ4>'
        f'<ПодписантЗак><Подписант СтатПодп="1" ТипПодпис="1" Должн="заместитель директора">{BELOVA}</Подписант></ПодписантЗак></Документ>'
    )
    return file_of("ON_AKTREZRABZ", 6, body, version="1.00", exchange=False, first=SELLER_ID)


def _accounts(count: int, *, mirrored: bool) -> tuple[str, str]:
    """The balances and operations of акт сверки; the other side sees debit as credit."""
    debit, credit = ("Кр", "Деб") if mirrored else ("Деб", "Кр")
    charged = [Decimal("733464.00") + line for line in range(count // 2 + count % 2)]
    paid = [Decimal("733464.00")] * (count // 2)
    start = Decimal("120000.00")
    end = start + sum(charged, Decimal()) - sum(paid, Decimal())
    sums = (
        f'СальдоНач{debit}="{start}" СальдоНач{credit}="0.00" Оборот{debit}="{sum(charged, Decimal())}" Оборот{credit}="{sum(paid, Decimal())}" '
        f'СальдоКон{debit}="{end}" СальдоКон{credit}="0.00"'
    )
    words_ = {"Деб": "СумДебет", "Кр": "СумКредит"}
    rows = "".join(
        f'<ДокСв НаимДок="УПД" НомДок="{400 + place}-Л" ДатаДок="17.{place % 12 + 1:02d}.2026"{{rest}}><СвОпер НомСтр="{place + 1}" '
        f'ДатаОпер="17.{place % 12 + 1:02d}.2026" НаимОпер="Лизинговый платёж" {words_[debit]}="{charged[place // 2]}"/></ДокСв>'
        if place % 2 == 0
        else f'<ДокСв НаимДок="Платёжное поручение" НомДок="{418 + place}" ДатаДок="22.{place % 12 + 1:02d}.2026"{{rest}}><СвОпер НомСтр="{place + 1}" '
        f'ДатаОпер="22.{place % 12 + 1:02d}.2026" НаимОпер="Оплата" {words_[credit]}="{paid[place // 2]}"/></ДокСв>'
        for place in range(count)
    )
    return sums, rows.replace("{rest}", ' ИтогоРасх="0.00"' if mirrored else "")


def reconciliation(count: int) -> bytes:
    sums, rows = _accounts(count, mirrored=False)

    def member(tag: str, who: int) -> str:
        given = party(
            tag,
            who,
            inner="СвЮЛУч",
            bank=False,
            extra=f" ОГРН={quoteattr(('1027700000008', '1027800000026')[who])}",
            address="",
        )
        return given.replace("</ИдСв>", '</ИдСв><Контакт Тлф="+7 495 000-00-00"/>')

    body = (
        '<Документ КНД="1110332" ДатаИнфОтпр="17.11.2026" ВрИнфОтпр="10:15:00" ДатаНачПер="01.01.2026" ДатаОкПер="31.10.2026" НомерАкт="АС-31">'
        f'<СвДокКрАкт КодОКВ="643">{member("СвОтпр", 0)}{member("СвПол", 1)}</СвДокКрАкт>'
        f'<ТаблАкт {sums}><ДогСв ОписТипДог="Договор лизинга" НомДог="Л-2024/118" ДатаДог="15.03.2024" {sums}>{rows}</ДогСв></ТаблАкт>'
        f'<Подписант СтатПодп="1" ТипПодпис="1" Должн="генеральный директор">{ORLOV}</Подписант></Документ>'
    )
    return file_of("ON_AKTSVEROTP", 7, body, exchange=False)


def reconciliation_answer() -> bytes:
    sums, rows = _accounts(3, mirrored=True)
    sums += ' ИтогоРасхДеб="733464.00" ИтогоРасхКр="0.00"'
    body = (
        '<Документ КНД="1110333" ДатаИнфПол="18.11.2026" ВрИнфПол="11:20:00">'
        f'<ИдИнфОтпр ИдФайлИнфОтпр="ON_AKTSVEROTP_{GUID.format(7)}" ДатФайлИнфОтпр="17.11.2026" ВрФайлИнфОтпр="10:15:00">{SIGNATURE}</ИдИнфОтпр>'
        f'<ТаблАкт {sums}><ДогСв ОписТипДог="Договор лизинга" НомДог="Л-2024/118" ДатаДог="15.03.2024" {sums}>{rows}</ДогСв></ТаблАкт>'
        f'<Подписант СтатПодп="1" ТипПодпис="1" Должн="главный бухгалтер">{BELOVA}</Подписант></Документ>'
    )
    return file_of("ON_AKTSVERPOL", 8, body, exchange=False, first=SELLER_ID, more=' ПризнРазн="2"')


def discrepancy_act(count: int) -> bytes:
    lines = items(count)
    rows = "".join(
        f'<РезПрием ОКЕИ_Тов="{line.okei}" НаимЕдИзм="{line.unit}"><Ценности НомСтрСопрДок="{line.number}" НаимТов={quoteattr(line.name)} АртикулТов="А-{line.number:04d}" КодТов="{1000 + line.number}"/>'
        f'<ПоДокум КолТовПрин="{line.quantity + 1}" ЦенаПрин="{line.price}" СтавНДСПрин="20%" СтоимТовНДСПрин="{line.gross + line.price}"/>'
        f'<ПоФакту КолТовПрин="{line.quantity}" ЦенаПрин="{line.price}" СтавНДСПрин="20%" СтоимТовНДСПрин="{line.gross}"/>'
        f'<Недостача КолТовРасх="1" СтоимТовНДСРасх="{line.price}" ПоясненияРасх="место не прибыло"/></РезПрием>'
        for line in lines
    )

    def member(tag: str, who: int) -> str:
        facts = (
            '<АдрИнф КодСтр="643" АдрТекст="127000, г. Москва, ул. Сущёвская, д. 12"/>'
            if who == 0
            else '<АдрИнф КодСтр="643" АдрТекст="190000, г. Санкт-Петербург, наб. реки Мойки, д. 8"/>'
        )
        return party(tag, who, inner="СвОргУч", wrap="<СвОрг>{}</СвОрг>", bank=False, address=facts)

    body = (
        '<Документ КНД="1175014" ДатаИнфПок="18.11.2025" ВремИнфПок="11.20.00" ПоФактХЖ="Документ о приемке ценностей и (или) расхождениях, выявленных при их приемке" '
        'НаимДокОпр="Акт о расхождениях" НаимЭконСубСост="ООО «Северный экспресс»"><ИдентДокПР НомДокПР="Р-5" ДатаДокПР="18.11.2025"/>'
        f"<СодФХЖ1>{member('Продавец', 0)}{member('Покупатель', 1)}{member('Грузоотправитель', 0)}{member('Грузополучатель', 1)}"
        '<Приказ ДатаПрик="01.11.2025" НомПрик="44-к"/><СвОсмГруз ДатаОсм="18.11.2025" МестоСост="склад № 2, Санкт-Петербург" ВремяНач="10.00.00" ВремяОконч="11.00.00">'
        '<СопрДок НаимСопрДок="Транспортная накладная" НомСопрДок="ТТН-91" ДатаСопрДок="17.11.2025"/></СвОсмГруз>'
        '<ДрОбстПрием УсловХран="отапливаемый склад" СостТара="упаковка не нарушена" ОпредНедост="пересчёт мест"/>'
        f'<СвЛицПрин><РабОргПок Должность="кладовщик" ОснПолн="приказ № 3">{KIM}</РабОргПок></СвЛицПрин></СодФХЖ1>'
        f'<СодФХЖ2 СодСоб="Выявлена недостача" Заключение="Недостача подтверждена, предъявить претензию поставщику">{rows}'
        '<ПрилДок ВидПрилДок="Фотоматериалы" НомерПрилДок="1" ДатаПрилДок="18.11.2025"/></СодФХЖ2><ИнфДопСв>1</ИнфДопСв>'
        f"{signer(BELOVA, 'заведующий складом', status='3')}</Документ>"
    )
    return file_of("DP_PRIRASXPRIN", 9, body, first=SELLER_ID)


def _upd_party(tag: str, who: int) -> str:
    name, inn, kpp = ((ONE, "7700000016", "770001001"), (TWO, "7800000027", "780001001"))[who]
    place = ("127000, г. Москва, ул. Сущёвская, д. 12, оф. 305", "190000, г. Санкт-Петербург, наб. реки Мойки, д. 8")[
        who
    ]
    return f'<{tag}><ИдСв><СвЮЛУч НаимОрг="{name}" ИННЮЛ="{inn}" КПП="{kpp}"/></ИдСв><Адрес><АдрИнф КодСтр="643" НаимСтран="Россия" АдрТекст="{place}"/></Адрес></{tag}>'


def upd(count: int, *, function: str = "СЧФДОП", amended: bool = False) -> bytes:
    """УПД 5.03 with marking codes, a traceable lot, a customs declaration, 22 %."""
    lines = items(count)
    net, tax, gross = total(lines)

    def particulars(line: Item) -> str:
        if line.number == 1:
            return '<СвДТ КодПроисх="156" НомерДТ="10702070/010826/0001234"/><ДопСведТов ПрТовРаб="1" КодТов="ТЯГ-1" КодВидТов="8701211000"><КрНаимСтрПр>Китай</КрНаимСтрПр></ДопСведТов>'
        if line.number == 3:
            return (
                '<ДопСведТов ПрТовРаб="1" КодТов="ШИН-3"><СведПрослеж НомТовПрослеж="10216170/010826/0012345/001" ЕдИзмПрослеж="839" НаимЕдИзмПрослеж="компл" '
                f'КолВЕдПрослеж="3" СтТовБезНДСПрослеж="{line.net}"/><НомСредИдентТов><КИЗ>010460043993125621JgXJ5T0000001</КИЗ><КИЗ>010460043993125621JgXJ5T0000002</КИЗ>'
                "</НомСредИдентТов></ДопСведТов>"
            )
        return ""

    rows = "".join(
        f'<СведТов НомСтр="{line.number}" НаимТов={quoteattr(line.name)} ОКЕИ_Тов="{line.okei}" НаимЕдИзм="{line.unit}" КолТов="{line.quantity}" ЦенаТов="{line.price}" '
        f'СтТовБезНДС="{line.net}" НалСт="22%" СтТовУчНал="{line.gross}">{particulars(line)}<Акциз><БезАкциз>без акциза</БезАкциз></Акциз><СумНал><СумНал>{line.tax}</СумНал></СумНал></СведТов>'
        for line in lines
    )
    correction = '<ИспрДок НомИспр="1" ДатаИспр="20.11.2026"/>' if amended else ""
    named = (
        ""
        if function == "СЧФ"
        else ' ПоФактХЖ="Документ об отгрузке товаров (выполнении работ), передаче имущественных прав (документ об оказании услуг)" НаимДокОпр="Универсальный передаточный документ"'
    )
    transfer = (
        ""
        if function == "СЧФ"
        else (
            '<СвПродПер><СвПер СодОпер="Товары переданы" ДатаПер="17.11.2026"><ОснПер РеквНаимДок="Договор лизинга" РеквНомерДок="Л-2024/118" РеквДатаДок="15.03.2024"/>'
            f'<СвЛицПер><РабОргПрод Должность="кладовщик">{KIM}</РабОргПрод></СвЛицПер><Тран СвТран="самовывоз"/></СвПер></СвПродПер>'
        )
    )
    body = (
        f'<Документ КНД="1115131" Функция="{function}"{named} ДатаИнфПр="17.11.2026" {MADE}><СвСчФакт НомерДок="0417-Л" ДатаДок="17.11.2026">{correction}{_upd_party("СвПрод", 0)}'
        f'<ГрузОт><ОнЖе>он же</ОнЖе></ГрузОт>{_upd_party("ГрузПолуч", 1)}<СвПРД НомерПРД="418" ДатаПРД="12.11.2026"/>'
        f'<ДокПодтвОтгрНом РеквНаимДок="УПД" РеквНомерДок="0417-Л" РеквДатаДок="17.11.2026"/>{_upd_party("СвПокуп", 1)}<ДенИзм КодОКВ="643" НаимОКВ="Российский рубль"/></СвСчФакт>'
        f'<ТаблСчФакт>{rows}<ВсегоОпл СтТовБезНДСВсего="{net}" СтТовУчНалВсего="{gross}"><СумНалВсего><СумНал>{tax}</СумНал></СумНалВсего></ВсегоОпл></ТаблСчФакт>{transfer}'
        f'<Подписант ТипПодпис="1" СпосПодтПолном="1" Должн="генеральный директор">{ORLOV}</Подписант></Документ>'
    )
    return file_of("ON_NSCHFDOPPR", 11, body, version="5.03", exchange=False)


def upd_answer() -> bytes:
    body = (
        f'<Документ КНД="1115132" ДатаИнфПок="18.11.2026" ВремИнфПок="11.20.00" {ANSWERED}>'
        f'<ИдИнфПрод ИдФайлИнфПр="ON_NSCHFDOPPR_{GUID.format(11)}" ДатаФайлИнфПр="17.11.2026" ВремФайлИнфПр="10.15.00">{SIGNATURE}</ИдИнфПрод>'
        '<СодФХЖ4 НаимДокОпрПр="Универсальный передаточный документ" Функция="СЧФДОП" ПорНомДокИнфПр="0417-Л" ДатаДокИнфПр="17.11.2026">'
        '<СвПрин СодОпер="Товары приняты" ДатаПрин="18.11.2026"><КодСодОпер КодИтога="1"/><СвЛицПрин><РабОргПок Должность="заведующий складом">'
        f"{BELOVA}</РабОргПок></СвЛицПрин></СвПрин></СодФХЖ4>"
        f'<Подписант ТипПодпис="1" СпосПодтПолном="1" Должн="главный бухгалтер">{BELOVA}</Подписант></Документ>'
    )
    return file_of("ON_NSCHFDOPPOK", 12, body, version="5.03", exchange=False, first=SELLER_ID)


def invoice(count: int) -> bytes:
    """Счёт-фактура of order ММВ-7-6/93@."""
    lines = items(count)
    net, tax, gross = total(lines)
    rows = "".join(
        f'<СведТов НомСтр="{line.number}" НаимТов={quoteattr(line.name)} ОКЕИ_Тов="{line.okei}" КолТов="{line.quantity}" ЦенаТов="{line.price}" СтТовБезНДС="{line.net}" НалСт="18%" '
        f'СтТовУчНал="{line.gross}"><Акциз><БезАкциз>без акциза</БезАкциз></Акциз><СумНал><СумНДС>{line.tax}</СумНДС></СумНал></СведТов>'
        for line in lines
    )

    def member(tag: str, who: int) -> str:
        return re.sub(' ОКПО="[0-9]+"', "", party(tag, who, inner="СвЮЛ", bank=False))

    body = (
        f'<Документ КНД="1115101"><СвСчФакт НомерСчФ="398" ДатаСчФ="30.09.2016" КодОКВ="643">{member("СвПрод", 0)}{member("СвПокуп", 1)}</СвСчФакт>'
        f'<ТаблСчФакт>{rows}<ВсегоОпл СтТовБезНДСВсего="{net}" СтТовУчНалВсего="{gross}"><СумНалВсего><СумНДС>{tax}</СумНДС></СумНалВсего></ВсегоОпл></ТаблСчФакт>'
        f'<Подписант><ЮЛ ИННЮЛ="7700000016" Должн="генеральный директор">{ORLOV}</ЮЛ></Подписант></Документ>'
    )
    box = f'<СвУчДокОбор ИдОтпр="{SELLER_ID}" ИдПок="{BUYER_ID}"><СвОЭДОтпр НаимОрг="ООО «Тестовый оператор ЭДО»" ИННЮЛ="6600000035" ИдЭДО="2XX"/></СвУчДокОбор>'
    return file_of("ON_SFAKT", 13, box + body, version="5.02", exchange=False)


def ukd(count: int) -> bytes:
    lines = items(count)
    rows = ""
    for line in lines:
        less = (line.net / 10).quantize(Decimal("0.01"))
        tax = (less * Decimal("0.2")).quantize(Decimal("0.01"))
        rows += (
            f'<СведТов НомСтр="{line.number}" НаимТов={quoteattr(line.name)} ОКЕИ_ТовДо="{line.okei}" ОКЕИ_ТовПосле="{line.okei}" КолТовДо="{line.quantity}" КолТовПосле="{line.quantity}" '
            f'ЦенаТовДо="{line.price}" ЦенаТовПосле="{line.price * Decimal("0.9"):.2f}" НалСтДо="20%" НалСтПосле="20%">'
            f'<СтТовБезНДС СтоимДоИзм="{line.net}" СтоимПослеИзм="{line.net - less}" СтоимУм="{less}"/><АкцизДо><БезАкциз>без акциза</БезАкциз></АкцизДо>'
            f"<АкцизПосле><БезАкциз>без акциза</БезАкциз></АкцизПосле><АкцизРазн><СумУм>0.00</СумУм></АкцизРазн><СумНалДо><СумНДС>{line.tax}</СумНДС></СумНалДо>"
            f"<СумНалПосле><СумНДС>{line.tax - tax}</СумНДС></СумНалПосле><СумНалРазн><СумУм>{tax}</СумУм></СумНалРазн>"
            f'<СтТовУчНал СтоимДоИзм="{line.gross}" СтоимПослеИзм="{line.gross - less - tax}" СтоимУм="{less + tax}"/></СведТов>'
        )
    net = sum(((line.net / 10).quantize(Decimal("0.01")) for line in lines), Decimal())
    tax = (net * Decimal("0.2")).quantize(Decimal("0.01"))

    def member(tag: str, who: int) -> str:
        return party(tag, who, inner="СвЮЛУч", bank=False)

    body = (
        f'<Документ КНД="1115127" Функция="КСЧФДИС" ДатаИнфПр="17.11.2021" {MADE}><СвКСчФ НомерКСчФ="КС-8" ДатаКСчФ="17.11.2021" КодОКВ="643">'
        f'<СчФ НомерСчФ="0417-Л" ДатаСчФ="01.10.2021"/>{member("СвПрод", 0)}{member("СвПокуп", 1)}<ДопСвФХЖ1 НаимОКВ="Российский рубль"/></СвКСчФ>'
        f'<ТаблКСчФ>{rows}<ВсегоУм СтТовБезНДСВсего="{net}" СтТовУчНалВсего="{net + tax}"><СумНал><СумНДС>{tax}</СумНДС></СумНал></ВсегоУм></ТаблКСчФ>'
        '<СодФХЖ3 ПередатДокум="УПД № 0417-Л от 01.10.2021" СодОпер="Изменение стоимости товаров" ДатаНапр="17.11.2021"><ОснКор НаимОсн="Дополнительное соглашение" НомОсн="3" ДатаОсн="15.11.2021"/></СодФХЖ3>'
        f'<Подписант ОблПолн="6" Статус="1" ОснПолн="Устав"><ЮЛ ИННЮЛ="7700000016" НаимОрг="{ONE}" Должн="генеральный директор">{ORLOV}</ЮЛ></Подписант></Документ>'
    )
    return file_of("ON_KORSCHFDOPPR", 14, body)


ABOUT = f"ON_NSCHFDOPPR_{BUYER_ID}_{SELLER_ID}_20261117_{GUID.format(11)}_0_0_0_0_0_00"
BASE64 = "MIIE7wYJKoZIhvcNAQcCoIIE4DCCBNwCAQExDjAMBggqhQMHAQECAgUAMAsGCSqGSIb3DQEHAQ=="
MEMBER_ONE = f'ИдУчастЭДО="{SELLER_ID}"><ЮЛ НаимОрг="{ONE}" ИННЮЛ="7700000016" КПП="770001001"/>'
MEMBER_TWO = f'ИдУчастЭДО="{BUYER_ID}"><ЮЛ НаимОрг="{TWO}" ИННЮЛ="7800000027" КПП="780001001"/>'
OPERATOR = '<ОперЭДО НаимОрг="ООО «Тестовый оператор ЭДО»" ИННЮЛ="6600000035" ИдОперЭДО="2XX"/>'
BOTH = f"<СвОтпрДок {MEMBER_ONE}</СвОтпрДок><СвПолДок {MEMBER_TWO}</СвПолДок>"


def receipt_notice(_: int) -> bytes:
    body = (
        f'<Документ КНД="1115110"><УчастЭДО {MEMBER_TWO}</УчастЭДО><СвИзвПолуч ДатаПол="18.11.2026" ВремяПол="09.30.00"><СведПолФайл ИмяПолФайла="{ABOUT}">'
        f'<ЭППолФайл>{BASE64}</ЭППолФайл></СведПолФайл></СвИзвПолуч><ОтпрДок {MEMBER_ONE}</ОтпрДок><Подписант СтатПодп="1" ТипПодпис="1" Должн="главный бухгалтер">{BELOVA}</Подписант></Документ>'
    )
    return file_of("DP_IZVPOL", 15, body, version="1.03", exchange=False, first=SELLER_ID)


def receipt_confirmation(_: int) -> bytes:
    body = (
        f'<Документ КНД="1115112">{OPERATOR}<СведПодтв ДатаПол="17.11.2026" ВремяПол="12.00.05"><СведПолФайл ИмяПолФайла="{ABOUT}"><ЭППолФайл>{BASE64}</ЭППолФайл></СведПолФайл></СведПодтв>'
        f'{BOTH}<Подписант Должность="оператор">{KIM}</Подписант></Документ>'
    )
    return file_of("DP_PDPOL", 16, body, version="1.03", exchange=False)


def dispatch_confirmation(_: int) -> bytes:
    body = f'<Документ КНД="1115111">{OPERATOR}<СведПодтв ДатаОтпр="17.11.2026" ВремяОтпр="12.00.06"><СведОтпрФайл ИмяОтпрФайла="{ABOUT}"><ЭПОтпрФайл>{BASE64}</ЭПОтпрФайл></СведОтпрФайл></СведПодтв>{BOTH}</Документ>'
    return file_of("DP_PDOTPR", 17, body, version="1.03", exchange=False)


def correction_notice(_: int) -> bytes:
    body = (
        f'<Документ КНД="1115113"><УчастЭДО {MEMBER_TWO}</УчастЭДО><СвУведУточ ДатаПол="18.11.2026" ВремяПол="09.40.00"><СведПолФайл ИмяПолФайла="{ABOUT}"><ЭППолФайл>{BASE64}</ЭППолФайл></СведПолФайл>'
        f"<ТекстУведУточ>Неверный КПП покупателя: верный 780001001, в документе 780001002. Просим направить исправление.</ТекстУведУточ></СвУведУточ>"
        f'<ОтпрДок {MEMBER_ONE}</ОтпрДок><Подписант СтатПодп="2" ТипПодпис="1" Должн="главный бухгалтер">{BELOVA}<СвДоверЭл НомДовер="{GUID.format(20)}" ДатаВыдДовер="10.01.2026" СпособПредставл="1"/></Подписант></Документ>'
    )
    return file_of("DP_UVUTOCH", 18, body, version="1.03", exchange=False, first=SELLER_ID)


def annulment_offer(_: int) -> bytes:
    body = (
        f'<Документ><УчастЭДО {MEMBER_ONE}</УчастЭДО><СвПредАн><СведАнФайл ИмяАнФайла="{ABOUT}"><ЭЦПАнФайл>{BASE64}</ЭЦПАнФайл></СведАнФайл>'
        f'<ТекстПредАн>Документ выставлен ошибочно</ТекстПредАн></СвПредАн><НапрПредАн {MEMBER_TWO}</НапрПредАн><Подписант Должность="генеральный директор">{ORLOV}</Подписант></Документ>'
    )
    return file_of("DP_PRANNUL", 19, body, version="1.02", exchange=False)


def _power(body: str, number: int, version: str, attributes: str, document: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Доверенность ВерсФорм="{version}" ИдФайл="ON_{"EMCHD" if version == "EMCHD_1" else "DOVBB"}_20260110_{GUID.format(number)}"{attributes}>'
        f"<Документ{document}>{body}</Документ></Доверенность>"
    ).encode()


POWERS = "".join(
    f'<МашПолн КодПолн="KLASS_2.0_{code_}" НаимПолн="{name}"><ОгрСвПолн ИдОгр="1" КодОгр="LIM_01" НаимОгр="Тип документа" НаимЗначОгр="УПД"><КодЗначОгр>LIM_01_01</КодЗначОгр></ОгрСвПолн></МашПолн>'
    for code_, name in (
        ("SIGN", "Подписывать"),
        ("TRANSMIT", "Передавать"),
        ("REPRESENT_INTERESTS", "Представлять интересы"),
    )
)
SYSTEM = "<СведСист>https://m4d.nalog.gov.ru/emchd/check-status?guid={}</СведСист>"
EMCHD_SPACE = ' ПрЭлФорм="00000000" xmlns="urn://x-artefacts/EMCHD_1"'


def power(_: int) -> bytes:
    body = (
        f'<Довер><СвДов ВидДовер="1" ПрПередов="2" ВнНомДовер="56" НомДовер="{GUID.format(20)}" ДатаВыдДовер="2026-01-10" СрокДейст="2028-01-10">{SYSTEM.format(GUID.format(20))}</СвДов>'
        f'<СвДоверит ТипДоверит="1"><Доверит><РосОргДовер ЕИОУК="0" ЕИОФЛ="1" ЕИОИП="0"><СвРосОрг НаимОрг="{ONE}" ИННЮЛ="7700000016" КПП="770001001" ОГРН="1027700000008"><АдрРег Регион="77">'
        '<АдрРФ>127000, г. Москва, ул. Сущёвская, д. 12, оф. 305</АдрРФ></АдрРег></СвРосОрг><ЛицоБезДов ПолнЮЛ="1"><СвФЛ ИННФЛ="770000001030" СНИЛС="112-233-445 95" Должность="Генеральный директор">'
        f"<СведФЛ>{ORLOV}</СведФЛ></СвФЛ></ЛицоБезДов></РосОргДовер></Доверит></СвДоверит>"
        f'<СвУпПред ТипПред="3"><Пред><СведФизЛ ИННФЛ="770000002097" СНИЛС="112-233-446 96"><СведФЛ ДатаРожд="1985-04-01">{KIM}</СведФЛ></СведФизЛ></Пред></СвУпПред>'
        f'<СвПолн ТипПолн="1" ПрСовмПолн="1">{POWERS}</СвПолн></Довер>'
    )
    return _power(body, 20, "EMCHD_1", EMCHD_SPACE)


def onward_power(_: int) -> bytes:
    body = (
        f'<Передов ПрНалПередов="0"><СвПервДовер ПрДовер="1" ФормДовер="1" ДатаВыдДовер="2026-01-10" СрокДейст="2028-01-10" ВнНомДоверПерв="56" НомДоверПерв="{GUID.format(20)}"/>'
        f'<СвПереДовер ВидДовер="1" ПрПередов="1" ВнНомДовер="П-1" НомДовер="{GUID.format(21)}" ДатаВыдДовер="2026-06-01" СрокДейст="2027-06-01">{SYSTEM.format(GUID.format(21))}</СвПереДовер>'
        f'<СвПередПолн ТипПерПолн="3"><ПередПолн><ФЛПерПолн ИННФЛ="770000002097" СНИЛС="112-233-446 96"><СведФЛ ДатаРожд="1985-04-01">{KIM}</СведФЛ></ФЛПерПолн></ПередПолн></СвПередПолн>'
        f'<СвПолучПолн ТипПред="3"><Пред><СведФизЛ ИННФЛ="770000003044" СНИЛС="112-233-447 97"><СведФЛ ДатаРожд="1990-02-02">{BELOVA}</СведФЛ></СведФизЛ></Пред></СвПолучПолн>'
        f'<СвПолн ТипПолн="1" ПрСовмПолн="1">{POWERS}</СвПолн></Передов>'
    )
    return _power(body, 21, "EMCHD_1", EMCHD_SPACE)


def old_power(_: int) -> bytes:
    body = (
        f'<Довер><СвДов НомДовер="{GUID.format(22)}" ДатаВыдДовер="2024-08-23" ДатаКонДовер="2025-09-01" ПрПередов="1"><СведСистОтм>https://m4d.nalog.gov.ru/EMCHD/check-status?guid={GUID.format(22)}</СведСистОтм></СвДов>'
        f'<СвДоверит ТипДовер="ЮЛ"><РосОргДовер><СвРосОрг НаимОрг="{ONE}" ИННЮЛ="7700000016" ОГРН="1027700000008" КПП="770001001" АдрРФ="127000, г. Москва, ул. Сущёвская, д. 12"/>'
        '<ЛицоБезДов><СвФЛ ИННФЛ="770000001030" СНИЛС="112-233-445 95" Должность="Генеральный директор" НаимДокПолн="Устав"/></ЛицоБезДов></РосОргДовер>'
        '<Подписант Фамилия="Орлов" Имя="Игорь" Отчество="Павлович"/></СвДоверит>'
        f'<СвУпПред ТипПред="ФЛ"><СведФизЛ ИННФЛ="770000002097" СНИЛС="112-233-446 96">{KIM}<СведФЛ ДатаРожд="1985-04-01"/></СведФизЛ></СвУпПред>'
        "<СвПолн><ТекстПолн>Подписывать универсальные передаточные документы, счета-фактуры, акты сверки</ТекстПолн></СвПолн></Довер>"
    )
    return _power(body, 22, "002", "", ' ОКУД="0251222"')


def contract(_: int) -> bytes:
    """Договорный документ: its official schema has not been found, so these names are examples of what may come."""
    body = (
        '<Документ ДатаИнф="15.03.2024"><СвДок НаимДок="Договор лизинга" НомерДок="Л-2024/118" ДатаДок="15.03.2024"/>'
        f'<СвСторон Роль="Лизингодатель" НаимОрг="{ONE}" ИННЮЛ="7700000016"/><СвСторон Роль="Лизингополучатель" НаимОрг="{TWO}" ИННЮЛ="7800000027"/>'
        '<СумДок Сумма="22400000.00" Валюта="643"/><СодерДок ИмяФайла="dogovor.pdf" Хеш="7a1c9f0e55e2d1b07a1c9f0e55e2d1b07a1c9f0e55e2d1b07a1c9f0e55e2d1b0"/></Документ>'
    )
    return file_of("ON_DOGDOC", 23, body, version="1.01", exchange=False)


def payment_invoice(count: int) -> bytes:
    lines = items(count)
    rows = "".join(
        f'<СведТов НомСтр="{line.number}" НаимТов={quoteattr(line.name)} КолТов="{line.quantity}" ЦенаТов="{line.price}" СтТовУчНал="{line.gross}"/>'
        for line in lines
    )
    body = (
        f'<Документ ДатаИнфПр="17.11.2026"><СвСчет НомерСчет="77" ДатаСчет="17.11.2026" СрокОплаты="23.11.2026"/><Поставщик НаимОрг="{ONE}" ИННЮЛ="7700000016" БИК="044525000" НомерСчета="40702810000000000417"/>'
        f'<Плательщик НаимОрг="{TWO}" ИННЮЛ="7800000027"/><ТаблСчет>{rows}</ТаблСчет><Итого Сумма="{total(lines)[2]}"/></Документ>'
    )
    return file_of("ON_CHETOP", 24, body, exchange=False)


def inventory(count: int) -> bytes:
    rows = "".join(
        f'<ДокФорм НомПП="{place}" НаимДок="Счёт-фактура" НомДок="{400 + place}-Л" ДатаДок="17.{place % 12 + 1:02d}.2026" ИмяФайла="ON_NSCHFDOPPR_{place:04d}.xml"/>'
        for place in range(1, count + 1)
    )
    body = f'<Документ ДатаДок="20.11.2026"><СвТреб НомТреб="14-22/8817" ДатаТреб="10.11.2026" ПунктТреб="1.3"/><СвНП НаимОрг="{ONE}" ИННЮЛ="7700000016" КПП="770001001"/><Опись>{rows}</Опись></Документ>'
    return file_of("ON_DOCNPNO", 25, body, exchange=False)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A kind with a form: the file of so many lines and, where there is one, the other side's title."""

    file: Callable[[int], bytes]
    answer: Callable[[], bytes] | None = None
    lines: int = 4


PAPERS: dict[str, Paper] = {
    "upd": Paper(file=upd, answer=upd_answer),
    "upd_amended": Paper(file=lambda count: upd(count, function="СЧФ", amended=True), lines=2),
    "upd_transfer": Paper(file=lambda count: upd(count, function="ДОП"), answer=upd_answer, lines=2),
    "invoice": Paper(file=invoice),
    "ukd": Paper(file=ukd, lines=2),
    "goods_note": Paper(file=goods_note, answer=goods_note_answer),
    "work_act": Paper(file=work_act, answer=work_act_answer),
    "construction_act": Paper(file=construction_act, answer=construction_answer),
    "reconciliation": Paper(file=reconciliation, answer=reconciliation_answer, lines=4),
    "discrepancy_act": Paper(file=discrepancy_act),
    "receipt_notice": Paper(file=receipt_notice),
    "receipt_confirmation": Paper(file=receipt_confirmation),
    "dispatch_confirmation": Paper(file=dispatch_confirmation),
    "correction_notice": Paper(file=correction_notice),
    "annulment_offer": Paper(file=annulment_offer),
    "power": Paper(file=power),
    "onward_power": Paper(file=onward_power),
    "old_power": Paper(file=old_power),
    "contract": Paper(file=contract),
    "payment_invoice": Paper(file=payment_invoice),
    "inventory": Paper(file=inventory, lines=6),
}
