import pytest

from signing.pki import identifiers


def test_snils_of_the_pension_funds_own_example_holds() -> None:
    assert identifiers.is_snils("11223344595")


@pytest.mark.parametrize(
    ("first_nine", "check"),
    [
        ("112233445", "95"),
        ("087654302", "00"),  # the sum is 201, which leaves 100
        ("900000001", "82"),
        ("000000100", "03"),
    ],
)
def test_snils_check_digits(first_nine: str, check: str) -> None:
    total = sum(int(digit) * (9 - place) for place, digit in enumerate(first_nine))
    while total > 101:
        total %= 101
    expected = "00" if total in {100, 101} else f"{total:02d}"

    assert identifiers.snils_check(first_nine) == expected == check


@pytest.mark.parametrize("number", ["11223344594", "1122334459", "112233445955", "1122334459x", "112-233-445 95", ""])
def test_a_wrong_snils_is_refused(number: str) -> None:
    assert not identifiers.is_snils(number)


def test_early_snils_have_no_check_digits() -> None:
    assert identifiers.is_snils("00100199812")
    assert not identifiers.is_snils("00100199900")


def test_numbers_of_companies_and_people_are_told_apart() -> None:
    assert identifiers.is_inn_of_company("7707083893")
    assert not identifiers.is_inn_of_person("7707083893")
    assert identifiers.is_inn_of_person("500100732259")
    assert not identifiers.is_inn_of_company("500100732259")
    assert identifiers.is_ogrn("1027700132195")
    assert not identifiers.is_ogrnip("1027700132195")
    assert identifiers.is_ogrnip("304500116000157")
    assert not identifiers.is_ogrn("304500116000157")


@pytest.mark.parametrize("number", ["7707083894", "500100732258", "1027700132196", "304500116000158", "abc", ""])
def test_a_wrong_check_digit_is_refused(number: str) -> None:
    checks = (
        identifiers.is_inn_of_company,
        identifiers.is_inn_of_person,
        identifiers.is_ogrn,
        identifiers.is_ogrnip,
        identifiers.is_snils,
    )

    assert not any(check(number) for check in checks)
