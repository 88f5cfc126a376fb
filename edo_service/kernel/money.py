"""Money in roubles, counted in whole kopecks; a float never gets in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An exact sum: `kopecks` is a whole number, negative for a debt."""

    kopecks: int

    def __post_init__(self) -> None:
        if type(self.kopecks) is not int:
            raise TypeError("kopecks are a whole number")

    @classmethod
    def of(cls, rubles: Decimal | str | int) -> Money:
        """Make money of an exact decimal of roubles; ValueError when it holds parts of a kopeck."""
        if isinstance(rubles, float):
            raise TypeError("a float is not money")
        exact = Decimal(rubles) * 100
        if not exact.is_finite() or exact != exact.to_integral_value():
            raise ValueError(f"not whole kopecks: {rubles}")
        return cls(int(exact))

    @classmethod
    def rounded(cls, rubles: Decimal) -> Money:
        """Make money of a decimal of roubles, half a kopeck rounded away from zero (the habit of bookkeeping)."""
        if not isinstance(rubles, Decimal):
            raise TypeError("roubles are a Decimal")
        return cls(int((rubles * 100).to_integral_value(rounding=ROUND_HALF_UP)))

    @property
    def rubles(self) -> Decimal:
        """The sum in roubles with two places."""
        return Decimal(self.kopecks).scaleb(-2)

    def __add__(self, other: Money) -> Money:
        return Money(self.kopecks + other.kopecks)

    def __sub__(self, other: Money) -> Money:
        return Money(self.kopecks - other.kopecks)

    def __neg__(self) -> Money:
        return Money(-self.kopecks)

    def __mul__(self, times: int) -> Money:
        return Money(self.kopecks * times)

    def __bool__(self) -> bool:
        return self.kopecks != 0

    def __str__(self) -> str:
        """Return `1234567.21`, the form of the ФНС files."""
        return f"{self.rubles:.2f}"

    def split(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Divide by non-negative weights so that the parts add up to the whole to the kopeck (largest remainder)."""
        total = sum(weights)
        if total <= 0 or any(weight < 0 for weight in weights):
            raise ValueError("weights are non-negative and one is positive")
        sign = -1 if self.kopecks < 0 else 1
        whole = abs(self.kopecks)
        parts = [whole * weight // total for weight in weights]
        order = sorted(range(len(weights)), key=lambda place: (-(whole * weights[place] % total), place))
        for place in order[: whole - sum(parts)]:
            parts[place] += 1
        return tuple(Money(sign * part) for part in parts)


ZERO = Money(0)


def total(sums: Sequence[Money]) -> Money:
    """Add money up; nothing gives zero."""
    return Money(sum(one.kopecks for one in sums))
