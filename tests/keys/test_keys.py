"""Server-held keys: sealed, under a PIN when a person's, opened for one act, every opening written down."""

import json
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

import signing
from edo_service.accounts.rules import RIGHTS, Role
from edo_service.errors import Conflict, EdoError, Forbidden, NotFound, Rejected, Unavailable
from edo_service.kernel.actor import Actor
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.ids import new_id
from edo_service.kernel.journal import JournalEntry
from edo_service.kernel.rotation import Resealed
from edo_service.kernel.scope import Scope, SystemScope
from edo_service.kernel.secrets import SecretBox
from edo_service.keys import queries
from edo_service.keys.rules import Purpose
from edo_service.keys.tables import SigningKey
from edo_service.keys.use_cases import KeyRoom, NewKey
from tests.fixtures.companies import CLIENT_INN, CLIENT_KPP, LESSOR_INN, Employ, Employee, MakeCompany
from tests.fixtures.databases import START, MakeUnit

OLD_SECRET, SECRET = b"o" * 32, b"s" * 32
ROOM = KeyRoom(secrets=SecretBox([SECRET, OLD_SECRET]))
PIN = "4 совы"


@dataclass(frozen=True, kw_only=True)
class Office:
    """A company with its administrator, its accountant and her colleague."""

    entity_id: UUID
    admin: Actor
    anna: Employee
    boris: Employee


@pytest.fixture
def office(company: MakeCompany, employ: Employ) -> Office:
    entity_id = company()
    admin = employ(entity_id, role=Role.ADMINISTRATOR, login="admin-x")
    return Office(
        entity_id=entity_id,
        admin=admin.actor,
        anna=employ(entity_id, login="anna"),
        boris=employ(entity_id, login="boris"),
    )


def issue(inn: str = LESSOR_INN, *, days: int = 365, surname: str = "") -> tuple[bytes, bytes]:
    """A key (PKCS#8) and its certificate with ИННЮЛ; EC, because what is tried here is keeping, not cryptography."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    inn_le = x509.NameAttribute(x509.ObjectIdentifier("1.2.643.100.4"), inn, _type=x509.name._ASN1Type.NumericString)
    person = [x509.NameAttribute(x509.NameOID.SURNAME, surname)] if surname else []
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ООО «ЛизингПром»"), inn_le, *person])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START - timedelta(days=1))
        .not_valid_after(START + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.DER
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private, certificate.public_bytes(encoding)


def new_key(purpose: Purpose = Purpose.STAFF, **options: object) -> NewKey:
    private, certificate = issue()
    return replace(NewKey(label="Ключ", purpose=purpose, private_key=private, certificate=certificate), **options)


def journal(unit: MakeUnit) -> list[tuple[str, dict[str, object]]]:
    with unit(scope=SystemScope("health")) as uow:
        rows = uow.session.scalars(select(JournalEntry).order_by(JournalEntry.id))
        return [(row.event, json.loads(row.facts)) for row in rows if row.event.startswith("key.")]


def test_a_kept_key_signs_and_never_lies_open(office: Office, unit: MakeUnit) -> None:
    new = new_key()
    uow = unit(office.entity_id)
    key_id = ROOM.keep(new, actor=office.admin, uow=uow)

    opened = ROOM.unlock_server_key(key_id, actor=Actor.automatic("sign", office.entity_id), uow=uow)

    assert opened.key.sign(b"data")
    assert opened.certificate.der == new.certificate
    assert new.private_key.hex() not in repr(opened) + repr(new)
    with uow:
        row = uow.session.scalars(select(SigningKey)).one()
    assert new.private_key not in row.sealed_key
    assert new.private_key[-32:] not in row.sealed_key
    assert [event for event, _ in journal(unit)] == ["key.kept", "key.used"]
    assert journal(unit)[1][1] == {"certificate_sha256": opened.certificate.sha256, "purpose": "staff"}


def test_a_key_can_sign_cades(office: Office, unit: MakeUnit) -> None:
    uow = unit(office.entity_id)
    key_id = ROOM.keep(new_key(), actor=office.admin, uow=uow)
    opened = ROOM.unlock_server_key(key_id, actor=Actor.automatic("sign", office.entity_id), uow=uow)

    cms = signing.sign_cades(b"content", key=opened.key, certificate=opened.certificate, signing_time=START)

    assert signing.inspect_cms(cms).signers[0].certificate.sha256 == opened.certificate.sha256


def test_a_sealed_key_opens_in_its_own_row_only(office: Office, unit: MakeUnit) -> None:
    uow = unit(office.entity_id)
    first, second = (ROOM.keep(new_key(), actor=office.admin, uow=uow) for _ in range(2))
    with uow:
        rows = {row.id: row for row in uow.session.scalars(select(SigningKey))}
        rows[first].sealed_key = rows[second].sealed_key
        uow.commit()
    with pytest.raises(Unavailable) as caught:
        ROOM.unlock_server_key(first, actor=Actor.automatic("sign", office.entity_id), uow=uow)
    assert caught.value.code == "key.damaged"


def test_a_person_opens_her_key_by_pin(office: Office, unit: MakeUnit) -> None:
    new = new_key(Purpose.PERSON, person_id=office.anna.person_id, pin=PIN)
    uow = unit(office.entity_id)
    key_id = ROOM.keep(new, actor=office.admin, uow=uow)
    anna = office.anna.actor

    opened = ROOM.unlock_personal(key_id, pin=PIN, purpose="document:1", actor=anna, uow=uow)

    assert opened.key.sign(b"data")
    event, facts = journal(unit)[-1]
    assert (event, facts["act"]) == ("key.unlocked", "document:1")
    with pytest.raises(Forbidden):
        ROOM.unlock_server_key(key_id, actor=Actor.automatic("sign", office.entity_id), uow=uow)
    with pytest.raises(NotFound):
        ROOM.unlock_personal(key_id, pin=PIN, purpose="document:1", actor=office.boris.actor, uow=uow)
    demoted = replace(anna, rights=RIGHTS[Role.MANAGER])
    with pytest.raises(Forbidden):
        ROOM.unlock_personal(key_id, pin=PIN, purpose="document:1", actor=demoted, uow=uow)


def test_the_services_secret_alone_does_not_open_a_persons_key(office: Office, unit: MakeUnit) -> None:
    new = new_key(Purpose.PERSON, person_id=office.anna.person_id, pin=PIN)
    uow = unit(office.entity_id)
    key_id = ROOM.keep(new, actor=office.admin, uow=uow)
    with uow:
        row = uow.session.scalars(select(SigningKey)).one()
    inner = SecretBox([SECRET]).open(row.sealed_key, context=f"signing_key:{key_id}")
    assert new.private_key not in inner
    with pytest.raises(signing.SigningError):
        signing.load_private_key(inner)


def test_five_wrong_pins_lock_the_key(office: Office, unit: MakeUnit) -> None:
    uow = unit(office.entity_id)
    new = new_key(Purpose.PERSON, person_id=office.anna.person_id, pin=PIN)
    key_id = ROOM.keep(new, actor=office.admin, uow=uow)

    def attempt(pin: str) -> str:
        try:
            ROOM.unlock_personal(key_id, pin=pin, purpose="document:1", actor=office.anna.actor, uow=uow)
        except Rejected as error:
            return f"{error.code}:{error.params.get('left', '')}"
        return "opened"

    assert [attempt("wrong") for _ in range(4)] == [f"key.wrong_pin:{left}" for left in (4, 3, 2, 1)]
    assert attempt(PIN) == "opened", "success forgives"
    assert [attempt("wrong") for _ in range(5)][-1] == "key.locked:"
    assert attempt(PIN) == "key.locked:", "also for the right PIN"
    events = [event for event, _ in journal(unit)]
    assert events.count("key.wrong_pin") == 9
    with uow:
        assert queries.key(uow, key_id).locked


def test_guesses_at_once_are_all_counted(office: Office, unit: MakeUnit) -> None:
    new = new_key(Purpose.PERSON, person_id=office.anna.person_id, pin=PIN)
    key_id = ROOM.keep(new, actor=office.admin, uow=unit(office.entity_id))
    guessed: list[str] = []

    def guess() -> None:
        try:
            ROOM.unlock_personal(key_id, pin="wrong", purpose="x", actor=office.anna.actor, uow=unit(office.entity_id))
        except EdoError as error:
            guessed.append(error.code)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)

    assert len(guessed) == 12
    wrong = [event for event, _ in journal(unit) if event == "key.wrong_pin"]
    assert len(wrong) <= 5, "never more than five PINs are compared"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"purpose": Purpose.PERSON, "pin": PIN}, "key.holder_needed"),
        ({"purpose": Purpose.PERSON, "pin": "12345"}, "key.pin_needed"),
        ({"purpose": Purpose.PERSON}, "key.pin_needed"),
        ({"pin": PIN}, "key.pin_not_wanted"),
        ({"private_key": b"nonsense"}, "key.unreadable"),
        ({"certificate": b"nonsense"}, "key.unreadable"),
        ({"certificate": "another"}, "key.not_of_certificate"),
        ({"inn": CLIENT_INN}, "key.of_other_organization"),
    ],
)
def test_what_does_not_fit_is_refused(office: Office, unit: MakeUnit, change: dict[str, object], code: str) -> None:
    wish = dict(change)
    if "inn" in wish:
        wish["private_key"], wish["certificate"] = issue(str(wish.pop("inn")))
    if wish.get("certificate") == "another":
        wish["certificate"] = issue()[1]
    with pytest.raises(Rejected) as caught:
        ROOM.keep(new_key(**wish), actor=office.admin, uow=unit(office.entity_id))
    assert caught.value.code == code
    with unit(office.entity_id) as uow:
        assert queries.keys(uow) == []


def test_only_an_administrator_keeps_keys_for_her_people(
    office: Office, unit: MakeUnit, company: MakeCompany, employ: Employ
) -> None:
    foreign = employ(company(inn=CLIENT_INN, kpp=CLIENT_KPP), login="foreign")
    uow = unit(office.entity_id)
    with pytest.raises(Forbidden):
        ROOM.keep(new_key(), actor=office.anna.actor, uow=uow)
    wish = new_key(Purpose.PERSON, person_id=foreign.person_id, pin=PIN)
    with pytest.raises(NotFound):
        ROOM.keep(wish, actor=office.admin, uow=uow)


def test_keys_are_chosen_by_purpose_and_time(office: Office, unit: MakeUnit, clock: MovableClock) -> None:
    uow = unit(office.entity_id)
    with uow:
        assert queries.automatic_key(uow) is None
        with pytest.raises(Conflict):
            queries.organization_key(uow, actor=office.anna.actor)
    short, certificate = issue(days=10)
    first = ROOM.keep(new_key(), actor=office.admin, uow=uow)
    newest = ROOM.keep(new_key(private_key=short, certificate=certificate), actor=office.admin, uow=uow)
    automatic = ROOM.keep(new_key(Purpose.ORGANIZATION), actor=office.admin, uow=uow)
    wish = new_key(Purpose.PERSON, person_id=office.anna.person_id, pin=PIN)
    personal = ROOM.keep(wish, actor=office.admin, uow=uow)
    with uow:
        assert queries.organization_key(uow, actor=office.anna.actor).id == newest
        assert queries.organization_key(uow, first, actor=office.anna.actor).id == first
        found = queries.automatic_key(uow)
        assert found is not None
        assert found.id == automatic
        own = queries.personal_key(uow, office.anna.person_id)
        assert own is not None
        assert own.id == personal
        assert queries.personal_key(uow, office.boris.person_id) is None
        assert queries.personal_key(uow, None) is None
        assert [one.id for one in queries.keys(uow)] == [personal, automatic, newest, first]
    clock.move(timedelta(days=11))
    with uow:
        assert queries.organization_key(uow, actor=office.anna.actor).id == first, "the newest has expired"
    with pytest.raises(Conflict) as caught:
        ROOM.unlock_server_key(newest, actor=Actor.automatic("sign", office.entity_id), uow=uow)
    assert caught.value.code == "key.expired"


def named_key(purpose: Purpose = Purpose.STAFF, **options: object) -> NewKey:
    """A key whose certificate names a person."""
    private, certificate = issue(surname="Соколова")
    return replace(new_key(purpose), private_key=private, certificate=certificate, **options)


def test_a_key_that_names_a_person_is_hers_alone(office: Office, unit: MakeUnit) -> None:
    uow, job = unit(office.entity_id), Actor.automatic("sign", office.entity_id)
    everybodys = ROOM.keep(new_key(), actor=office.admin, uow=uow)
    annas = ROOM.keep(named_key(person_id=office.anna.person_id), actor=office.admin, uow=uow)
    with uow:
        assert queries.organization_key(uow, actor=office.anna.actor).id == annas
        assert queries.organization_key(uow, actor=office.boris.actor).id == everybodys
        with pytest.raises(Forbidden) as caught:
            queries.organization_key(uow, annas, actor=office.boris.actor)
        assert caught.value.code == "key.of_another_person"
        with pytest.raises(Conflict):
            queries.organization_key(uow, actor=office.admin)
    for person, key_id, error in (
        (office.boris.person_id, annas, "key.of_another_person"),
        (None, annas, "key.of_another_person"),
        (office.admin.user_id, everybodys, "account.right_missing"),
    ):
        with pytest.raises(Forbidden) as caught:
            ROOM.unlock_server_key(key_id, actor=job, uow=uow, person_id=person)
        assert caught.value.code == error
    assert ROOM.unlock_server_key(annas, actor=job, uow=uow, person_id=office.anna.person_id)
    assert ROOM.unlock_server_key(everybodys, actor=job, uow=uow)
    assert journal(unit)[-2][1]["person_id"] == str(office.anna.person_id)


def test_a_key_that_names_a_person_is_kept_with_its_holder_and_never_as_automatic(
    office: Office, unit: MakeUnit
) -> None:
    for wish, error in (
        (named_key(), "key.holder_needed"),
        (named_key(Purpose.ORGANIZATION), "key.person_in_automatic"),
        (named_key(person_id=office.admin.user_id), "key.holder_may_not_sign"),
    ):
        with pytest.raises(Rejected) as caught:
            ROOM.keep(wish, actor=office.admin, uow=unit(office.entity_id))
        assert caught.value.code == error


def test_a_staff_key_from_before_without_a_holder_signs_for_nobody(office: Office, unit: MakeUnit) -> None:
    uow = unit(office.entity_id)
    key_id = ROOM.keep(named_key(person_id=office.anna.person_id), actor=office.admin, uow=uow)
    with uow:
        uow.session.get_one(SigningKey, key_id).person_id = None
        uow.commit()
    with uow, pytest.raises(Conflict):
        queries.organization_key(uow, actor=office.anna.actor)
    with pytest.raises(Forbidden):
        ROOM.unlock_server_key(key_id, actor=office.anna.actor, uow=uow)


def test_a_foreign_key_is_as_an_absent_one(office: Office, unit: MakeUnit, company: MakeCompany) -> None:
    key_id = ROOM.keep(new_key(), actor=office.admin, uow=unit(office.entity_id))
    stranger = company(inn=CLIENT_INN, kpp=CLIENT_KPP)
    for wanted in (key_id, new_id()):
        with unit(stranger) as uow, pytest.raises(NotFound):
            queries.key(uow, wanted)
        with pytest.raises(NotFound):
            ROOM.unlock_server_key(wanted, actor=Actor.automatic("sign", stranger), uow=unit(stranger))


def test_a_retired_key_is_gone(office: Office, unit: MakeUnit) -> None:
    uow = unit(office.entity_id)
    key_id = ROOM.keep(new_key(), actor=office.admin, uow=uow)
    with pytest.raises(Forbidden):
        ROOM.retire(key_id, actor=office.anna.actor, uow=uow)
    ROOM.retire(key_id, actor=office.admin, uow=uow)
    with uow:
        assert queries.keys(uow) == []
        assert uow.session.scalars(select(SigningKey)).one().sealed_key == b""
    with pytest.raises(NotFound):
        ROOM.unlock_server_key(key_id, actor=Actor.automatic("sign", office.entity_id), uow=uow)


def test_secrets_are_rotated(office: Office, unit: MakeUnit) -> None:
    before = KeyRoom(secrets=SecretBox([OLD_SECRET]))
    uow = unit(office.entity_id)
    key_id = before.keep(new_key(), actor=office.admin, uow=uow)
    wish = new_key(Purpose.PERSON, person_id=office.anna.person_id, pin=PIN)
    personal = before.keep(wish, actor=office.admin, uow=uow)

    assert ROOM.reseal_all(uow=uow, dry=True) == Resealed(resealed=2, current=0)
    assert ROOM.reseal_all(uow=uow) == Resealed(resealed=2, current=0)
    assert ROOM.reseal_all(uow=uow) == Resealed(resealed=0, current=2)

    after = KeyRoom(secrets=SecretBox([SECRET]))
    assert after.unlock_server_key(key_id, actor=Actor.automatic("sign", office.entity_id), uow=uow)
    assert after.unlock_personal(personal, pin=PIN, purpose="x", actor=office.anna.actor, uow=uow)
    with pytest.raises(Unavailable):
        before.unlock_server_key(key_id, actor=Actor.automatic("sign", office.entity_id), uow=uow)


def test_times_are_aware(office: Office, unit: MakeUnit) -> None:
    key_id = ROOM.keep(new_key(), actor=office.admin, uow=unit(office.entity_id))
    with unit(scope=Scope.of(office.entity_id)) as uow:
        card = queries.key(uow, key_id)
    assert card.not_before == datetime(2026, 11, 19, 9, tzinfo=UTC)
    assert card.certificate.subject.inn_le == LESSOR_INN
