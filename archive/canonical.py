"""Canonical JSON (RFC 8785): one value, one sequence of bytes."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

_LARGEST = 2**53 - 1


def canonical_json(value: Any) -> bytes:
    """The canonical form of a value made of None, bool, int, float, str, sequences and mappings with string keys.

    Raises ValueError for what I-JSON (RFC 7493) does not know: integers beyond 2**53 - 1, NaN, infinities, lone
    surrogates, other types.
    """
    return _write(value).encode("utf-8")


def _write(value: Any) -> str:  # noqa: PLR0911 - one return for each type of JSON
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise ValueError(f"integer out of range: {value}")
        return str(int(value))
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise ValueError("a name is not a string")
        # RFC 8785, 3.2.3: names are sorted by their UTF-16 code units
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_string(name)}:{_write(value[name])}" for name in names) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return "[" + ",".join(_write(item) for item in value) + "]"
    raise ValueError(f"JSON knows no {type(value).__name__}")


def _string(value: str) -> str:
    """RFC 8785, 3.2.2.2: only quotes, backslashes and control characters are escaped, the short way where there is one.

    json.dumps without ensure_ascii does exactly that (lower-case hex included), but lets lone surrogates through.
    """
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("a string holds a lone surrogate")
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    """RFC 8785, 3.2.2.3: as ECMAScript writes numbers. Python's repr gives the same shortest digits."""
    if not math.isfinite(value):
        raise ValueError("JSON knows no NaN or infinity")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    # the value is 0.<digits> * 10**point
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return sign + _place(digits, point)


def _place(digits: str, point: int) -> str:
    """ECMA-262, Number::toString, steps 6 to 10."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{tail}e{point - 1:+d}"
