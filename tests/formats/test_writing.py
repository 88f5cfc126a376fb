"""Files written from our own values: all five functions of УПД, both titles, four service documents. The judge accepts them."""

import dataclasses
import datetime as dt
from decimal import Decimal
from uuid import UUID

import pytest

from edo_service.formats import (
    Address,
    AnnulmentOffer,
    Authority,
    Company,
    CorrectionNotice,
    CorrectionSigner,
    Currency,
    DispatchConfirmation,
    DocumentReference,
    ElectronicPower,
    Employee,
    FormatError,
    Mark,
    NoticeSigner,
    OperatorFacts,
    Organization,
    Participant,
    Party,
    PersonName,
    QuestionedFile,
    ReceiptConfirmation,
    ReceiptNotice,
    ReceivedFile,
    RussianAddress,
    Sender,
    SentFile,
    Signer,
    SignerStatus,
    Transfer,
    UpdFunction,
    UpdLine,
    UpdSeller,
    UpdTotals,
    WrittenFile,
    check,
    detect,
    encode_signature,
    file_id,
    print_form,
    read_service,
    read_upd_seller,
    upd_seller_file_id,
    write_correction_notice,
    write_dispatch_confirmation,
    write_receipt_confirmation,
    write_receipt_notice,
    write_upd_seller,
)
from edo_service.formats.engine.binding import bindings, declared_element
from edo_service.formats.engine.model import Block, Element, elements_of
from edo_service.formats.upd_buyer import UpdBuyer
from tests.formats.judge import Judge, Judges, declared
from tests.formats.test_printing import texts

GUID = UUID("0b7f0a52-6f0e-4a3c-9f6a-1c2d3e4f5a01")
DAY = dt.date(2026, 11, 17)
NOW = dt.datetime(2026, 11, 17, 21, 30, 15, 999, tzinfo=dt.UTC)
DIRECTOR = PersonName(surname="Орлов", name="Игорь", patronymic="Павлович")
CONTRACT = DocumentReference(title="Договор лизинга", number="Л-2024/118", date=dt.date(2024, 3, 15))
LESSOR = Organization(name="ООО «ЛизингПром»", inn="7700000016", kpp="770001001")
CLIENT = Organization(name="ООО «Северный экспресс»", inn="7800000122", kpp="780001001")
SIGNATURE = encode_signature(b"\x30\x82\x01\x00cms")


def party(who: Organization, region: str, city: str) -> Party:
    place = RussianAddress(postcode="127006", region_code=region, region=city, street="ул. Лесная", house="5")
    return Party(identity=who, address=Address(place=place))


def upd(function: UpdFunction) -> UpdSeller:
    """A lease payment of one line, as the function demands it."""
    line = UpdLine(
        number=1,
        name="Лизинговый платёж за ноябрь 2026 г.",
        unit_code="796",
        unit="шт",
        quantity=Decimal(1),
        price=Decimal("601200.00"),
        net=Decimal("601200.00"),
        rate="22%",
        tax=Decimal("132264.00"),
        gross=Decimal("733464.00"),
        excise=Mark.NO_EXCISE,
    )
    invoice = function is UpdFunction.INVOICE
    transfer = Transfer(
        operation="Услуги оказаны",
        grounds=(CONTRACT,),
        date=DAY,
        given_by=Employee(person=DIRECTOR, position="генеральный директор"),
    )
    return UpdSeller(
        file_id=upd_seller_file_id(recipient_id="2XX-client-one", sender_id="2XX-lessor", day=DAY, guid=GUID),
        function=function,
        number="0417-Л",
        date=DAY,
        formed_at=NOW,
        seller=party(LESSOR, "77", "г. Москва"),
        buyer=party(CLIENT, "78", "г. Санкт-Петербург"),
        consignors=(Mark.SAME_AS_SELLER,),
        currency=Currency(code="643", name="Российский рубль"),
        lines=(line,),
        totals=UpdTotals(net=line.net, tax=line.tax, gross=line.gross),
        transfer=None if invoice else transfer,
        document_name=None if invoice else "Универсальный передаточный документ",
        shipping_documents=(CONTRACT,) if invoice else (),
        signers=(Signer(person=DIRECTOR, authority=Authority.CERTIFICATE, position="генеральный директор"),),
    )


def assert_accepted(written: WrittenFile, judge: Judge) -> None:
    assert written.file_name.endswith(".xml")
    assert not judge.refusals(written.content, written.file_name.removesuffix(".xml"))
    result = check(written.content, file_name=written.file_name)
    assert (result.ok, result.remarks) == (True, ())
    assert written.content.startswith(b'<?xml version="1.0" encoding="windows-1251"?>\n')


@pytest.mark.parametrize("function", UpdFunction)
def test_upd_of_every_function_is_accepted(function: UpdFunction, judges: Judges) -> None:
    value = upd(function)
    written = write_upd_seller(value)
    assert_accepted(written, judges["upd_seller 5.03"])
    assert write_upd_seller(value) == written
    back = read_upd_seller(written.content)
    assert back == dataclasses.replace(value, formed_at=NOW.replace(microsecond=0))
    assert back.formed_at.utcoffset() == dt.timedelta(hours=3)
    assert 'ДатаИнфПр="18.11.2026" ВремИнфПр="00.30.15"' in written.content.decode("cp1251")
    assert (back.sender_id, back.recipient_id) == ("2XX-lessor", "2XX-client-one")


@pytest.mark.parametrize(
    ("function", "head", "status"),
    [
        (UpdFunction.INVOICE, "Счёт-фактура № 0417-Л от 17 ноября 2026 г.", None),
        (UpdFunction.INVOICE_AND_TRANSFER, "Счёт-фактура № 0417-Л от 17 ноября 2026 г.", "1"),
        (UpdFunction.TRANSFER, "Передаточный документ (акт) № 0417-Л от 17 ноября 2026 г.", "2"),
        (UpdFunction.AGENT_STATEMENT, "Документ для расчётов с посредником", None),
        (UpdFunction.PROCUREMENT_STATEMENT, "Документ о закупке", None),
    ],
)
def test_a_function_is_printed_under_its_own_name(function: UpdFunction, head: str, status: str | None) -> None:
    (page,) = texts(print_form(write_upd_seller(upd(function)).content))
    assert head in page
    assert ("Статус:" in page) == (status is not None)
    assert status is None or f"Статус: {status}" in page
    assert ("Товар (груз) передал" in page) == (function is not UpdFunction.INVOICE)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"document_name": None}, "НаимДокОпр"),
        ({"transfer": None}, "СвПродПер"),
        ({"lines": (), "totals": None}, "ТаблСчФакт"),
        ({"number": ""}, "НомерДок"),
        ({"number": "x" * 1001}, "НомерДок"),
        ({"signers": ()}, "Подписант"),
    ],
)
def test_what_the_official_schema_would_refuse_is_not_written(change: dict[str, object], said: str) -> None:
    value = dataclasses.replace(upd(UpdFunction.INVOICE_AND_TRANSFER), **change)
    with pytest.raises(FormatError) as caught:
        write_upd_seller(value)
    assert said in caught.value.text_ru
    assert caught.value.findings


def test_numbers_that_are_none_and_times_without_a_zone_are_refused() -> None:
    value = upd(UpdFunction.TRANSFER)
    line = dataclasses.replace(value.lines[0], price=Decimal("NaN"))
    with pytest.raises(FormatError):
        write_upd_seller(dataclasses.replace(value, lines=(line,)))
    with pytest.raises(FormatError):
        write_upd_seller(dataclasses.replace(value, formed_at=NOW.replace(tzinfo=None)))


def test_a_signer_by_power_of_attorney_names_it(judges: Judges) -> None:
    power = ElectronicPower(number=str(GUID), issued_on=DAY, storage="https://m4d.nalog.gov.ru")
    signer = Signer(person=DIRECTOR, authority=Authority.POWER_IN_SYSTEM, electronic_powers=(power,))
    value = dataclasses.replace(upd(UpdFunction.TRANSFER), signers=(signer,))
    assert_accepted(write_upd_seller(value), judges["upd_seller 5.03"])
    bare = dataclasses.replace(signer, electronic_powers=())
    with pytest.raises(FormatError, match="МЧД"):
        write_upd_seller(dataclasses.replace(value, signers=(bare,)))


PARTICIPANTS = {
    "seller": Participant(participant_id="2XX-lessor", who=Company(name=LESSOR.name, inn=LESSOR.inn, kpp="770001001")),
    "buyer": Participant(participant_id="2XX-client", who=Company(name=CLIENT.name, inn=CLIENT.inn, kpp="780001001")),
}
OPERATOR = OperatorFacts(name="ООО «Демо-оператор»", inn="7707083893", code="2XX")
TITLE = f"ON_NSCHFDOPPR_2XX-client_2XX-lessor_20261117_{GUID}_0_0_0_0_0_00"


def service_name(prefix: str, recipient: str, sender: str) -> str:
    return file_id(prefix, recipient_id=recipient, sender_id=sender, day=DAY, guid=GUID)


def receipt_notice() -> ReceiptNotice:
    seller = PARTICIPANTS["seller"]
    return ReceiptNotice(
        file_id=service_name("DP_IZVPOL", "2XX-lessor", "2XX-client"),
        participant=PARTICIPANTS["buyer"],
        sender=Sender(participant_id=seller.participant_id, who=seller.who),
        received_at=NOW.replace(microsecond=0),
        file=ReceivedFile(name=TITLE, signatures=(SIGNATURE,)),
        signer=NoticeSigner(person=DIRECTOR, status=SignerStatus.NO_POWER, position="бухгалтер"),
    )


def receipt_confirmation() -> ReceiptConfirmation:
    return ReceiptConfirmation(
        file_id=service_name("DP_PDPOL", "2XX-lessor", "2XX"),
        operator=OPERATOR,
        received_at=NOW.replace(microsecond=0),
        file=ReceivedFile(name=TITLE, signatures=(SIGNATURE, SIGNATURE)),
        sender=PARTICIPANTS["seller"],
        recipient=PARTICIPANTS["buyer"],
    )


def dispatch_confirmation() -> DispatchConfirmation:
    return DispatchConfirmation(
        file_id=service_name("DP_PDOTPR", "2XX-client", "2XX"),
        operator=OPERATOR,
        sent_at=NOW.replace(microsecond=0),
        file=SentFile(name=TITLE, signatures=(SIGNATURE,)),
        sender=PARTICIPANTS["seller"],
        recipient=PARTICIPANTS["buyer"],
    )


def correction_notice() -> CorrectionNotice:
    return CorrectionNotice(
        file_id=service_name("DP_UVUTOCH", "2XX-lessor", "2XX-client"),
        participant=PARTICIPANTS["buyer"],
        sender=PARTICIPANTS["seller"],
        received_at=NOW.replace(microsecond=0),
        file=QuestionedFile(name=TITLE, signature=SIGNATURE),
        text="Неверный КПП покупателя\nи сумма в строке 2: должно быть < 100 ₽",
        signer=CorrectionSigner(person=DIRECTOR),
    )


@pytest.mark.parametrize(
    ("make", "write"),
    [
        (receipt_notice, write_receipt_notice),
        (receipt_confirmation, write_receipt_confirmation),
        (dispatch_confirmation, write_dispatch_confirmation),
        (correction_notice, write_correction_notice),
    ],
)
def test_service_documents_are_accepted_and_come_back(make, write, judges: Judges) -> None:  # noqa: ANN001  (pairs of a kind)
    value = make()
    written = write(value)
    kind = detect(written.content)
    assert kind is not None
    assert_accepted(written, judges[f"{kind.code} {kind.version}"])
    assert read_service(written.content, type(value)) == value


def test_a_service_document_is_not_mistaken_for_another() -> None:
    with pytest.raises(FormatError, match="Нужен документ"):
        read_service(write_receipt_notice(receipt_notice()).content, CorrectionNotice)
    with pytest.raises(FormatError, match="Нужен титул продавца"):
        read_upd_seller(write_receipt_notice(receipt_notice()).content)


TOP = {
    "upd_seller 5.03": UpdSeller,
    "upd_buyer 5.03": UpdBuyer,
    "receipt_notice 1.03": ReceiptNotice,
    "receipt_confirmation 1.03": ReceiptConfirmation,
    "dispatch_confirmation 1.03": DispatchConfirmation,
    "correction_notice 1.03": CorrectionNotice,
    "annulment_offer 1.02": AnnulmentOffer,
}


def bound_places(cls: type, prefix: str, declared: Element) -> set[str]:
    """Every attribute and value that a dataclass reads and writes."""
    found: set[str] = set()
    for _, binding in bindings(cls):
        place = prefix if binding.path == "." else f"{prefix}/{binding.path}"
        if binding.how == "moment":
            found |= {place, f"{prefix}/{binding.second}"}
        elif binding.how == "one_of":
            container = declared_element(declared, binding.path)
            for path, variant in binding.variants.items():
                inner = f"{place}/{path}"
                if isinstance(variant, type) and dataclasses.is_dataclass(variant):
                    found |= bound_places(variant, inner, declared_element(container, path))
                else:
                    found.add(inner)
        elif isinstance(binding.target, type) and dataclasses.is_dataclass(binding.target):
            found |= bound_places(binding.target, place, declared_element(declared, binding.path))
        else:
            found.add(place)
    return found


def declared_places(declared: Element, prefix: str) -> set[str]:
    if not isinstance(declared.type, Block):
        return {prefix}
    found = {f"{prefix}/@{attribute.name}" for attribute in declared.type.attributes}
    for element in elements_of(declared.type.content):
        found |= declared_places(element, f"{prefix}/{element.name}")
    return found


@pytest.mark.parametrize("code", TOP)
def test_no_place_of_the_format_is_left_unbound(code: str) -> None:
    declaration = declared(code)
    wanted = declared_places(declaration.root, "Файл") - {"Файл/@ВерсФорм", "Файл/Документ/@КНД"}
    bound = bound_places(TOP[code], "Файл", declaration.root)
    assert bound == wanted
    print(f"{code}: {len(wanted)} places bound")
