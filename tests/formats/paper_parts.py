# ruff: noqa: E501  (lines of XML are as long as its attributes)
"""What the papers are made of: companies, people, lines with their sums, the envelope of a file."""

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
