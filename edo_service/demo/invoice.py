"""What the demonstration sends: a УПД 5.03 of a month's leasing payment and a plain PDF contract."""

from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from edo_service import formats
from edo_service.demo.companies import DemoCompany, DemoPerson
from edo_service.formats.parties import (
    Address,
    Authority,
    DocumentReference,
    Employee,
    Organization,
    Party,
    PersonName,
    SignatureKind,
    Signer,
    TextAddress,
)
from edo_service.formats.upd import Currency, Transfer, UpdFunction, UpdLine, UpdSeller, UpdTotals
from edo_service.kernel.calendar import moscow_date

RATE = Decimal("0.22")


def demo_upd(seller: DemoCompany, buyer: DemoCompany, *, number: str, at: datetime) -> formats.WrittenFile:
    """A УПД with function СЧФДОП: two leasing payments with VAT 22 %. The same sums each time, a new file id."""
    person = seller.people[0]
    lines = (
        _line(1, "Лизинговый платёж по договору Л-2024/118 за ноябрь 2026 (Volvo FH 460)", Decimal("601200.00")),
        _line(2, "Лизинговый платёж по договору Л-2024/118 за ноябрь 2026 (полуприцеп)", Decimal("451718.03")),
    )
    net = sum((line.net for line in lines if line.net is not None), Decimal(0))
    tax = sum((line.tax for line in lines if isinstance(line.tax, Decimal)), Decimal(0))
    day = moscow_date(at)
    contract = DocumentReference(
        title="Договор лизинга", number="Л-2024/118", date=day.replace(year=day.year - 2, day=15)
    )
    shipping = DocumentReference(title="Универсальный передаточный документ", number=number, date=day)
    return formats.write_upd_seller(
        UpdSeller(
            file_id=formats.upd_seller_file_id(
                recipient_id=buyer.participant_id, sender_id=seller.participant_id, day=day, guid=uuid4()
            ),
            function=UpdFunction("СЧФДОП"),
            number=number,
            date=day,
            formed_at=at,
            seller=_party(seller),
            buyer=_party(buyer),
            signers=(_signer(person),),
            currency=Currency(code="643", name="Российский рубль"),
            lines=lines,
            totals=UpdTotals(net=net, tax=tax, gross=net + tax),
            transfer=Transfer(
                operation="Услуги финансовой аренды (лизинга) оказаны",
                grounds=(contract,),
                date=day,
                given_by=Employee(person=_name(person), position=person.position),
            ),
            document_name="Универсальный передаточный документ",
            fact_name="Документ об отгрузке товаров (выполнении работ), передаче имущественных прав (документ об оказании услуг)",
            author=f"{seller.name}, ИНН/КПП {seller.inn}/{seller.kpp}",
            shipping_documents=(shipping,),
        )
    )


def demo_contract(lessor: DemoCompany, client: DemoCompany, *, number: str, at: datetime) -> bytes:
    """A one-page contract as PDF."""
    from edo_service.formats.printing import html_to_pdf

    day = moscow_date(at)
    html = f"""
    <h1>Договор финансовой аренды (лизинга) № {number}</h1>
    <p>г. Москва, {day:%d.%m.%Y}</p>
    <p>{lessor.name} (ИНН {lessor.inn}), далее «Лизингодатель», и {client.name} (ИНН {client.inn}), далее «Лизингополучатель»,
    заключили договор о следующем.</p>
    <p>1. Лизингодатель приобретает и передаёт Лизингополучателю во временное владение и пользование грузовой автомобиль.</p>
    <p>2. Срок лизинга — 36 месяцев. Платежи вносятся ежемесячно по графику.</p>
    <p>3. Договор подписан электронными подписями сторон и составлен в одном электронном экземпляре.</p>
    """
    return html_to_pdf(html, title=f"Договор лизинга № {number}")


def _line(number: int, name: str, net: Decimal) -> UpdLine:
    tax = (net * RATE).quantize(Decimal("0.01"))
    return UpdLine(
        number=number,
        name=name,
        unit_code="796",
        unit="шт",
        quantity=Decimal(1),
        price=net,
        net=net,
        rate="22%",
        tax=tax,
        gross=net + tax,
    )


def _party(company: DemoCompany) -> Party:
    return Party(
        identity=Organization(name=company.name, inn=company.inn, kpp=company.kpp),
        address=Address(place=TextAddress(country_code="643", country="Россия", text=company.address)),
    )


def _name(person: DemoPerson) -> PersonName:
    return PersonName(surname=person.surname, name=person.given_name, patronymic=person.patronymic)


def _signer(person: DemoPerson) -> Signer:
    return Signer(
        person=_name(person),
        authority=Authority.CERTIFICATE,
        position=person.position,
        signature_kind=SignatureKind.QUALIFIED,
    )
