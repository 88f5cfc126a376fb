"""Documents put together from our own values: sums worked out to the kopeck, wrong sums remarked, names equal to ИдФайл."""

import dataclasses
import datetime as dt
from decimal import Decimal
from uuid import UUID

import pytest

from edo_service.formats import check
from edo_service.formats.construction import (
    ActCurrency,
    ConstructionActContractor,
    EstimateUnchanged,
    HandOver,
    write_construction_act_contractor,
)
from edo_service.formats.construction_sides import BuildingParty, BuildingSide, BuildingSigner
from edo_service.formats.construction_table import (
    Amount,
    LineTax,
    Paper,
    PaperFacts,
    WorkLine,
    WorkList,
    total_of_works,
)
from edo_service.formats.errors import FormatError
from edo_service.formats.old_parties import (
    Ground,
    OldAddress,
    OldExchange,
    OldParty,
    OldRussianAddress,
    OldSigner,
    OldSigningOfficer,
)
from edo_service.formats.parties import Organization, PersonName
from edo_service.formats.power import PassedPower, power_file_id, read_power, write_power
from edo_service.formats.reconciliation import (
    Balances,
    Operation,
    OperationPaper,
    ReconciledContract,
    ReconciliationContact,
    ReconciliationParty,
    ReconciliationSender,
    ReconciliationSigner,
    ReconciliationTable,
    RegisteredCompany,
    total_of,
    with_sums,
    write_reconciliation_sender,
)
from edo_service.formats.ukd import (
    Agreement,
    CorrectedInvoice,
    UkdFunction,
    UkdLine,
    UkdSeller,
    change,
    totals_of,
    write_ukd_seller,
)
from tests.fixtures.ukd import ukd_line
from tests.formats.judge import Judges, Samples

AT = dt.datetime(2026, 11, 20, 12, 30, 5, tzinfo=dt.UTC)
DAY = AT.date()
ANNA = PersonName(surname="Соколова", name="Анна", patronymic="Петровна")
LESSOR = Organization(name="ООО «ЛизингПром»", inn="7700000016", kpp="770001001")
CLIENT = Organization(name="ООО «Вектор»", inn="7800000027", kpp="780001001")


def money(text: str) -> Decimal:
    return Decimal(text)


def ukd(*lines: UkdLine) -> UkdSeller:
    increase, decrease = totals_of(lines)
    address = OldAddress(place=OldRussianAddress(region_code="77", city="Москва"))
    officer = OldSigningOfficer(person=ANNA, inn="7700000016", position="Директор")
    return UkdSeller(
        file_id="ON_KORSCHFDOPPR_2XX-2_2XX-1_20261120_0b7f0a52-6f0e-4a3c-9f6a-1c2d3e4f5a01",
        exchange=OldExchange(sender_id="2XX-1", recipient_id="2XX-2"),
        function=UkdFunction.INVOICE_AND_AGREEMENT,
        number="К-1",
        date=DAY,
        currency_code="643",
        corrected=(CorrectedInvoice(number="17", date=dt.date(2026, 10, 1)),),
        seller=OldParty(who=LESSOR, address=address),
        buyer=OldParty(who=CLIENT, address=address),
        lines=lines,
        increase=increase,
        decrease=decrease,
        agreement=Agreement(
            grounds=(Ground(name="Договор", number="5"),), papers="УПД № 17", operation="Изменение цены"
        ),
        signers=(OldSigner(who=officer, powers="3", status="1", grounds="Должностные обязанности"),),
        created_at=AT,
        author="ООО «ЛизингПром», ИНН 7700000016",
    )


def test_ukd_adds_up_its_changes(judges: Judges) -> None:
    document = ukd(ukd_line(1, "100.00", "130.55"), ukd_line(2, "200.00", "150.01"), ukd_line(3, "10.00", "12.03"))
    assert (document.increase.net, document.increase.tax, document.increase.gross) == (
        money("32.58"), money("6.52"), money("39.10"),
    )  # fmt: skip
    assert (document.decrease.net, document.decrease.gross) == (money("49.99"), money("59.99"))
    written = write_ukd_seller(document)
    assert written.file_name == f"{document.file_id}.xml"
    assert not judges["ukd_seller 5.01"].refusals(written.content, document.file_id)
    assert check(written.content, file_name=written.file_name).remarks == ()


def test_ukd_with_wrong_sums_is_remarked() -> None:
    document = ukd(ukd_line(1, "100.00", "130.55"))
    wrong = dataclasses.replace(document, increase=dataclasses.replace(document.increase, net=money("30.56")))
    (remark,) = check(write_ukd_seller(wrong).content).remarks
    assert (remark.rule, remark.element) == ("sum.total", "@СтТовБезНДСВсего")
    assert "30.55" in remark.message_ru
    line = dataclasses.replace(document.lines[0], tax_change=change(money("0"), money("1.00")))
    rules = [
        remark.rule for remark in check(write_ukd_seller(dataclasses.replace(document, lines=(line,))).content).remarks
    ]
    assert rules == ["sum.change", "sum.total"]


def operation(number: int, debit: str | None, credit: str | None) -> Operation:
    return Operation(
        number=number,
        date=DAY,
        name="Операция",
        debit=None if debit is None else money(debit),
        credit=None if credit is None else money(credit),
    )


def reconciliation() -> ReconciliationSender:
    papers = (
        OperationPaper(name="УПД", number="1", date=DAY, operations=(operation(1, "100.10", None),)),
        OperationPaper(name="Платёж", number="2", date=DAY, operations=(operation(2, None, "140.20"),)),
    )
    contract = with_sums(ReconciledContract(papers=papers, number="5", sums=Balances()), opening=money("10.00"))
    party = ReconciliationParty(
        who=RegisteredCompany(name="ООО «Вектор»", inn="7700000016", kpp="770001001", ogrn="1027700000008"),
        contact=ReconciliationContact(),
    )
    return ReconciliationSender(
        file_id="ON_AKTSVEROTP_2XX-2_2XX-1_20261120_0b7f0a52-6f0e-4a3c-9f6a-1c2d3e4f5a02",
        number="А-1",
        sender=party,
        recipient=party,
        currency_code="643",
        table=ReconciliationTable(contracts=(contract,), sums=total_of((contract,))),
        since=dt.date(2026, 1, 1),
        until=DAY,
        signer=ReconciliationSigner(person=ANNA),
        created_at=AT,
    )


def test_reconciliation_works_out_its_balances(judges: Judges) -> None:
    act = reconciliation()
    sums = act.table.sums
    assert (sums.opening_debit, sums.turnover_debit, sums.turnover_credit) == (
        money("10.00"),
        money("100.10"),
        money("140.20"),
    )
    assert (sums.closing_debit, sums.closing_credit) == (money("0"), money("30.10"))
    written = write_reconciliation_sender(act)
    assert b'"15:30:05"' in written.content  # Moscow time with colons
    assert not judges["reconciliation_sender 5.01"].refusals(written.content, act.file_id)
    assert check(written.content, file_name=written.file_name).remarks == ()


def test_reconciliation_with_wrong_sums_is_remarked() -> None:
    act = reconciliation()
    sums = dataclasses.replace(act.table.sums, turnover_debit=money("100.11"), closing_credit=money("30.10"))
    wrong = dataclasses.replace(act, table=dataclasses.replace(act.table, sums=sums))
    assert {remark.rule for remark in check(write_reconciliation_sender(wrong).content).remarks} == {
        "sum.total", "sum.balance",
    }  # fmt: skip


def construction() -> ConstructionActContractor:
    def line(number: int, quantity: str, price: str) -> WorkLine:
        net = (Decimal(quantity) * Decimal(price)).quantize(Decimal("0.01"))
        tax = (net * Decimal("0.2")).quantize(Decimal("0.01"))
        return WorkLine(
            name=f"Работа {number}", number=number, unit_code="055", quantity=Amount(number=Decimal(quantity)),
            price=Decimal(price), net=net, tax=LineTax(tax=tax), gross=net + tax,
        )  # fmt: skip

    works = (WorkList(lines=(line(1, "2.5", "1000.00"), line(2, "3", "33.33"))),)
    paper = Paper(facts=PaperFacts(name="Договор подряда", number="7", date=DAY))
    return ConstructionActContractor(
        file_id="ON_AKTREZRABP_2XX-2_2XX-1_20261120_0b7f0a52-6f0e-4a3c-9f6a-1c2d3e4f5a03",
        number="1",
        date=DAY,
        site="Склад",
        contract_currency="643",
        contract=paper,
        contractor=BuildingSide(party=BuildingParty(who=LESSOR)),
        customer=BuildingSide(party=BuildingParty(who=CLIENT)),
        estimate_change=EstimateUnchanged(),
        currency=ActCurrency(code="643"),
        works=works,
        hand_over=HandOver(operation="Работы сданы"),
        total=total_of_works(works),
        signers=(BuildingSigner(person=ANNA),),
        author="ООО «ЛизингПром»",
        created_at=AT,
    )


def test_construction_act_adds_up_its_lines(judges: Judges) -> None:
    act = construction()
    assert (act.total.net, act.total.gross) == (money("2599.99"), money("3119.99"))
    written = write_construction_act_contractor(act)
    assert not judges["construction_act_contractor 1.00"].refusals(written.content, act.file_id)
    assert check(written.content, file_name=written.file_name).remarks == ()


def test_construction_act_with_wrong_sums_is_remarked() -> None:
    act = construction()
    wrong = dataclasses.replace(act, total=dataclasses.replace(act.total, net=money("2600.00")))
    remarks = check(write_construction_act_contractor(wrong).content).remarks
    assert [remark.rule for remark in remarks] == ["sum.total"]
    assert "2599.99" in remarks[0].message_ru


def test_a_power_is_passed_on(samples: Samples, judges: Judges) -> None:
    power = next(p for _, xml in samples("ON_EMCHD") if isinstance((p := read_power(xml)).content, PassedPower))
    guid = UUID("11111111-2222-4333-8444-555555555509")
    facts = dataclasses.replace(power.content.power, number=str(guid), issued=DAY)
    file_id = power_file_id(guid, day=DAY)
    assert file_id == "ON_EMCHD_20261120_11111111-2222-4333-8444-555555555509"
    passed = dataclasses.replace(power, file_id=file_id, content=dataclasses.replace(power.content, power=facts))
    written = write_power(passed)
    assert written.file_name == f"{file_id}.xml"
    assert b'="2026-11-20"' in written.content
    assert not judges["power_of_attorney EMCHD_1"].refusals(written.content, file_id)
    assert read_power(written.content) == passed


def test_a_wrong_value_is_named_before_a_file_is_made() -> None:
    act = dataclasses.replace(construction(), site="")
    with pytest.raises(FormatError) as caught:
        write_construction_act_contractor(act)
    assert "НаимОб" in caught.value.text_ru
