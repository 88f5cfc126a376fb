from datetime import UTC, datetime
from pathlib import Path

import pytest

from edo_service.demo.make_pki import DECLARATION
from signing import SigningError
from signing.pki import BadDeclaration, PkiDeclaration, load_declaration
from signing.pki.declaration import Offset

DEMO = DECLARATION.read_text(encoding="utf-8")


def test_the_demo_declares_what_the_service_needs(declaration: PkiDeclaration) -> None:
    assert {
        "operator",
        "lessor_person",
        "lessor_organization",
        "client_one_person",
        "client_one_organization",
        "client_two_person",
        "client_two_organization",
        "revoked",
        "expired",
        "foreign",
    } <= set(declaration.subjects)
    assert [company.name for company in declaration.companies.values()] == [
        "АО «Демо-оператор»",
        "ООО «ЛизингПром»",
        "ООО «Северный экспресс»",
        "ООО «Вектор»",
    ]


def test_a_persons_key_names_person_and_company_an_organizations_names_no_person(declaration: PkiDeclaration) -> None:
    for code in ("lessor", "client_one", "client_two"):
        person = declaration.subjects[f"{code}_person"].subject
        organization = declaration.subjects[f"{code}_organization"].subject

        assert (person.inn_le, person.ogrn) == (organization.inn_le, organization.ogrn)
        assert person.surname
        assert person.given_name
        assert person.title
        assert person.snils
        assert person.inn
        assert (organization.surname, organization.snils, organization.inn, organization.title) == (None,) * 4


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('inn = "7700000016"', 'inn = "7700000017"', "companies.lessor.inn"),
        ('ogrn = "1997700000010"', 'ogrn = "1997700000011"', "companies.lessor.ogrn"),
        ('kpp = "780001001"', 'kpp = "78001001"', "companies.client_one.kpp"),
        ('snils = "90000000182"', 'snils = "90000000183"', "people.sokolova.snils"),
        ('inn = "770000000156"', 'inn = "7700000016"', "people.sokolova.inn"),
        ('surname = "Соколова"', 'surname = " "', "people.sokolova.surname"),
        ('surname = "Соколова"', "", "people.sokolova.surname"),
        ('surname = "Соколова"', "surname = 5", "people.sokolova.surname"),
        ('person = "sokolova"', 'person = "nobody"', "subjects.lessor_person.person"),
        ('company = "operator"', 'company = "nobody"', "subjects.operator.company"),
        ('company = "operator"', "", "subjects.operator.company"),
        ('company = "operator"', 'company = "operator"\ntitle = "Директор"', "subjects.operator.title"),
        ('issuer = "foreign_root"', 'issuer = "nobody"', "subjects.foreign.issuer"),
        ('issuer = "foreign_root"', "", "subjects.foreign.issuer"),
        ('issuer = "root"', 'issuer = "foreign_root"', "authorities.issuing.issuer"),
        ('until = "-45d"', 'until = "45 days ago"', "subjects.expired.until"),
        ('reason = "keyCompromise"', 'reason = "boredom"', "subjects.revoked.revoked.reason"),
        ("[subjects.operator]", "[subjects.tsa]", "subjects.tsa"),
        ("[subjects.operator]", "[subjects.'../x']", "subjects.../x"),
        ("[subjects.operator]", "[subjects.operator]\ncolour = 1", "subjects.operator.colour"),
        ("accuracy_seconds = 1", "accuracy_seconds = 0", "timestampers.tsa.accuracy_seconds"),
        ("accuracy_seconds = 1", "accuracy_seconds = true", "timestampers.tsa.accuracy_seconds"),
        ('policy = "1.3.6', 'policy = "x1.3.6', "timestampers.tsa.policy"),
        ('policies = ["1.2.643.100.113.1"]', "policies = [5]", "authorities.issuing.policies"),
        ('responder = "ocsp"', 'responder = "tsa"', "authorities.issuing.responder"),
        ('issuer = "root"', 'issuer = "root"\ntrusted = true', "authorities.issuing.trusted"),
        ("[profile]", "extra = 1\n[profile]", "extra"),
        ("[profile]", "[other]", "profile"),
        ("[profile]", "[profile", "file"),
        ('country = "RU"', 'country = "Russia"', "authorities.root.subject.country"),
    ],
)
def test_what_cannot_be_built_is_refused_with_its_place(old: str, new: str, where: str) -> None:
    assert old in DEMO

    with pytest.raises(BadDeclaration) as caught:
        load_declaration(DEMO.replace(old, new, 1).encode())

    assert caught.value.where == where
    assert isinstance(caught.value, SigningError)


def test_a_missing_file_is_a_bad_declaration(tmp_path: Path) -> None:
    with pytest.raises(BadDeclaration, match="cannot be read"):
        load_declaration(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+15mo", datetime(2025, 4, 30, 12, tzinfo=UTC)),
        ("-11mo", datetime(2023, 2, 28, 12, tzinfo=UTC)),  # there is no 31 February
        ("+1mo", datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ("-1y", datetime(2023, 1, 31, 12, tzinfo=UTC)),
        ("+10y", datetime(2034, 1, 31, 12, tzinfo=UTC)),
        ("-31d", datetime(2023, 12, 31, 12, tzinfo=UTC)),
        ("+13h", datetime(2024, 2, 1, 1, tzinfo=UTC)),
    ],
)
def test_offsets_count_as_people_do(text: str, expected: datetime) -> None:
    moment = datetime(2024, 1, 31, 12, tzinfo=UTC)

    assert Offset.parse(text).after(moment) == expected
