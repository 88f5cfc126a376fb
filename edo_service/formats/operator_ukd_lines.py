"""Lines of УКД 29@ in an operator's contract: what a line was, what it became, and their totals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from edo_service.formats.declarations.operator_ukd_29 import RATES
from edo_service.formats.engine.binding import each, inside, value

_ZERO: Final = Decimal(0)


class Rate(StrEnum):
    """A tax rate in the operator's words; `in_file` is how ФНС writes it."""

    NO_TAX = "NoVat"
    ZERO = "ZeroPercent"
    FIVE = "FivePercent"
    SEVEN = "SevenPercent"
    PART_OF_TEN = "NinePointZeroNinePercent"
    TEN = "TenPercent"
    PART_OF_TWENTY = "SixteenPointSixtySevenPercent"
    EIGHTEEN = "EighteenPercent"
    PART_OF_TWENTY_TWO = "EighteenPointZeroThreePercent"
    TWENTY = "TwentyPercent"
    TWENTY_TWO = "TwentyTwoPercent"
    FIVE_OF_105 = "FiveFraction"
    SEVEN_OF_107 = "SevenFraction"
    TEN_OF_110 = "TenFraction"
    EIGHTEEN_OF_118 = "EighteenFraction"
    TWENTY_OF_120 = "TwentyFraction"
    TWENTY_TWO_OF_122 = "TwentyTwoFraction"
    BY_AGENT = "TaxedByAgent"

    @property
    def in_file(self) -> str:
        """«22%», «без НДС»."""
        return RATES[self.value]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A number before and after."""

    before: Decimal | None = value("@OriginalValue", default=None)
    after: Decimal | None = value("@CorrectedValue", default=None)


@dataclass(frozen=True, kw_only=True)
class Untaxed:
    """«true» before and after, where there is no tax."""

    before: str | None = value("@OriginalValue", default=None)
    after: str | None = value("@CorrectedValue", default=None)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A sum before and after, and by how much it grew or fell."""

    increase: Decimal | None = value("AmountsInc", default=None)
    decrease: Decimal | None = value("AmountsDec", default=None)
    before: Decimal | None = value("@OriginalValue", default=None)
    after: Decimal | None = value("@CorrectedValue", default=None)

    @classmethod
    def of(cls, before: Decimal, after: Decimal) -> Difference:
        """The difference worked out; none is an increase by zero."""
        if after < before:
            return cls(before=before, after=after, decrease=before - after)
        return cls(before=before, after=after, increase=after - before)


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A traceable batch: how much of it there was and is."""

    batch: str = value("@RegNumberUnit")
    quantity_before: Decimal = value("QuantityDiff/@OriginalQuantity")
    quantity_after: Decimal = value("QuantityDiff/@CorrectedQuantity")
    quantity_increase: Decimal | None = value("QuantityDiff/@QuantityInc", default=None)
    quantity_decrease: Decimal | None = value("QuantityDiff/@QuantityDec", default=None)
    cost_before: Decimal = value("CostDiff/@OriginalCost")
    cost_after: Decimal = value("CostDiff/@CorrectedCost")
    cost_increase: Decimal | None = value("CostDiff/@CostInc", default=None)
    cost_decrease: Decimal | None = value("CostDiff/@CostDec", default=None)
    unit_code: str | None = value("@Unit", default=None)
    more: str | None = value("@ItemAddInfo", default=None)


@dataclass(frozen=True, kw_only=True)
class Marks:
    """Codes of marking."""

    units: tuple[str, ...] = each("Units/Unit")
    packages: tuple[str, ...] = each("PackageIds/PackageId")
    gtin: str | None = value("@Gtin", default=None)
    quantity: int | None = value("@QuantityMark", default=None)
    weight: Decimal | None = value("@QuantityWeightMark", default=None)
    batch: str | None = value("@BatchCode", default=None)
    transport_package: str | None = value("@TransPackageId", default=None)


@dataclass(frozen=True, kw_only=True)
class Customs:
    """A customs declaration before and after."""

    added: tuple[str, ...] = each("DeclarationNumbersInc/DeclarationNumber")
    removed: tuple[str, ...] = each("DeclarationNumbersDec/DeclarationNumber")
    country: str | None = value("@Country", default=None)
    before: str | None = value("@DeclarationNumberBefore", default=None)
    after: str | None = value("@DeclarationNumberAfter", default=None)


@dataclass(frozen=True, kw_only=True)
class StateSystem:
    """Goods that a state system knows."""

    ids: tuple[str, ...] = each("StateSystemId")
    system: str = value("@StateSystemName")
    unit: str | None = value("@AccountingUnit", default=None)
    more: str | None = value("@OtherInfo", default=None)


@dataclass(frozen=True, kw_only=True)
class ContractField:
    """An additional field: its name and its value."""

    name: str = value("@Id")
    text: str = value("@Value")


@dataclass(frozen=True, kw_only=True)
class ContractLine:
    """A line of a correction: what it was, what it became. `number` is that of the corrected document."""

    number: int = value("@OriginalNumber")
    name: str | None = value("@Product", default=None)
    rate: Rate = value("@TaxRate", as_=Rate)
    unit_code: str | None = value("@Unit", default=None)
    unit: str | None = value("@UnitName", default=None)
    kind: str | None = value("@ItemMark", default=None)
    sign: str | None = value("@AdditionalProperty", default=None)
    description: str | None = value("@ItemCharact", default=None)
    grade: str | None = value("@ItemKind", default=None)
    series: str | None = value("@ItemSeries", default=None)
    article: str | None = value("@ItemArticle", default=None)
    code: str | None = value("@ItemVendorCode", default=None)
    category: str | None = value("@ItemCategoryCode", default=None)
    type_code: str | None = value("@ItemTypeCode", default=None)
    origin_code: str | None = value("@ProductTypeCode", default=None)
    okpd: str | None = value("@Okpd", default=None)
    quantity: Pair | None = inside("Quantity", Pair, default=None)
    price: Pair | None = inside("Price", Pair, default=None)
    net: Difference | None = inside("SubtotalWithVatExcluded", Difference, default=None)
    excise: Difference | None = inside("Excise", Difference, default=None)
    tax: Difference | None = inside("Vat", Difference, default=None)
    untaxed: Untaxed | None = inside("WithoutVat", Untaxed, default=None)
    gross: Difference | None = inside("Subtotal", Difference, default=None)
    fields: tuple[ContractField, ...] = each("AdditionalInfos/AdditionalInfo", ContractField)
    traces: tuple[Trace, ...] = each("ItemTracingInfos/ItemTracingInfo", Trace)
    marks_before: tuple[Marks, ...] = each("OriginalItemIdentificationNumbers/ItemIdentificationNumber", Marks)
    marks_after: tuple[Marks, ...] = each("CorrectedItemIdentificationNumbers/ItemIdentificationNumber", Marks)
    state_systems: tuple[StateSystem, ...] = each("StateSystemItemInfos/StateSystemItemInfo", StateSystem)
    customs: tuple[Customs, ...] = each("CustomsDeclarations/CustomsDeclaration", Customs)


@dataclass(frozen=True, kw_only=True)
class ContractTotal:
    """All increases or all decreases."""

    net: Decimal = value("@SubtotalWithVatExcluded")
    gross: Decimal | None = value("@Subtotal", default=None)
    tax: Decimal | None = value("@Vat", default=None)
    untaxed: str | None = value("@WithoutVat", default=None)


def contract_totals(lines: Iterable[ContractLine]) -> tuple[ContractTotal | None, ContractTotal | None]:
    """Increases and decreases of the lines summed up to the kopeck; None where there is none of the kind."""
    kept = list(lines)
    untaxed = bool(kept) and all(line.tax is None for line in kept)
    found: list[ContractTotal | None] = []
    for name in ("increase", "decrease"):
        net, tax, gross = (
            sum((getattr(part, name) or _ZERO for part in parts if part is not None), _ZERO)
            for parts in ([line.net for line in kept], [line.tax for line in kept], [line.gross for line in kept])
        )
        total = ContractTotal(net=net, gross=gross, tax=None if untaxed else tax, untaxed="true" if untaxed else None)
        found.append(total if net or tax or gross else None)
    return found[0], found[1]
