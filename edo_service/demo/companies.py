"""The demonstration's cast: one lessor, two clients, their people, keys and boxes. Nobody here exists (see pki.toml)."""

import uuid
from dataclasses import dataclass
from uuid import UUID

from operators.sandbox import SandboxOperator, SandboxOrganization

_SPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "companies.demo.test")
OPERATOR = SandboxOperator(code="2XX", name="АО «Демо-оператор»", inn="7700000023")
SANDBOX_OPERATORS = {
    "diadoc": OPERATOR,
    "saby": SandboxOperator(code="2XY", name="АО «Демо-оператор Saby»", inn="7700000023"),
    "taxcom": SandboxOperator(code="2XZ", name="АО «Демо-оператор Такском»", inn="7700000023"),
}
"""Who each sandbox pretends to be, by the operator's word; the codes are invented."""
OPERATOR_LOGIN, OPERATOR_PASSWORD, OPERATOR_CLIENT = "demo", "demo", "edo-demo"


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """One person with a log-in. `key` names the PKI entity that is kept for her under a PIN; `role` is a preset."""

    login: str
    surname: str
    given_name: str
    patronymic: str
    position: str
    role: str
    inn: str = ""
    snils: str = ""
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class DemoCompany:
    """One company: `code` is its name in pki.toml; `staff_key` the PKI entity whose key signs on the server."""

    code: str
    kind: str
    name: str
    inn: str
    kpp: str
    ogrn: str
    address: str
    region_code: str
    people: tuple[DemoPerson, ...]
    staff_key: str = ""

    @property
    def participant_id(self) -> str:
        """Identifier at the demo operator."""
        return f"{OPERATOR.code}-{self.inn}-{self.kpp}-20261101000000000"

    @property
    def box(self) -> str:
        """The box at the demo operator, as Diadoc writes box ids."""
        return f"{self.box_uuid.hex}@diadoc.ru"

    @property
    def box_uuid(self) -> UUID:
        """The box's GUID, always the same."""
        return uuid.uuid5(_SPACE, f"box:{self.inn}")

    @property
    def organization(self) -> SandboxOrganization:
        """The company as the operator's sandbox knows it."""
        return self.organization_at("diadoc")

    def participant_at(self, operator: str) -> str:
        """Identifier at one of the sandboxes."""
        code = SANDBOX_OPERATORS[operator].code
        return f"{code}-{self.inn}-{self.kpp}-20261101000000000"

    def organization_at(self, operator: str) -> SandboxOrganization:
        """The company as that sandbox knows it."""
        return SandboxOrganization(
            name=self.name,
            inn=self.inn,
            kpp=self.kpp,
            ogrn=self.ogrn,
            participant_id=self.participant_at(operator),
            box_id=self.box_uuid.hex,
        )


LESSOR = DemoCompany(
    code="lessor",
    kind="lessor",
    name="ООО «ЛизингПром»",
    inn="7700000016",
    kpp="770001001",
    ogrn="1997700000010",
    address="127006, г. Москва, Промышленная улица, д. 3",
    region_code="77",
    staff_key="lessor_person",
    people=(
        DemoPerson(
            login="buh@lizingprom.demo.test",
            surname="Соколова",
            given_name="Марина",
            patronymic="Андреевна",
            position="Главный бухгалтер",
            role="accountant",
            inn="770000000156",
            snils="90000000182",
        ),
        DemoPerson(
            login="kim@lizingprom.demo.test",
            surname="Ким",
            given_name="Олег",
            patronymic="Вадимович",
            position="Специалист по комплаенсу",
            role="compliance",
        ),
        DemoPerson(
            login="losev@lizingprom.demo.test",
            surname="Лосев",
            given_name="Игорь",
            patronymic="Павлович",
            position="Контролёр",
            role="controller",
        ),
    ),
)
CLIENT_ONE = DemoCompany(
    code="client_one",
    kind="client",
    name="ООО «Северный экспресс»",
    inn="7800000010",
    kpp="780001001",
    ogrn="1997800000010",
    address="190000, г. Санкт-Петербург, Северная линия, д. 4",
    region_code="78",
    people=(
        DemoPerson(
            login="lebedeva@sever-express.demo.test",
            surname="Лебедева",
            given_name="Анна",
            patronymic="Сергеевна",
            position="Генеральный директор",
            role="client",
            inn="780000000177",
            snils="90000000384",
            key="client_one_person",
        ),
    ),
)
CLIENT_TWO = DemoCompany(
    code="client_two",
    kind="client",
    name="ООО «Вектор»",
    inn="6600000010",
    kpp="660001001",
    ogrn="1996600000010",
    address="620000, г. Екатеринбург, Прямая улица, д. 5",
    region_code="66",
    people=(
        DemoPerson(
            login="belov@vektor.demo.test",
            surname="Белов",
            given_name="Игорь",
            patronymic="Юрьевич",
            position="Директор",
            role="client",
            inn="660000000171",
            snils="90000000485",
            key="client_two_person",
        ),
    ),
)
COMPANIES = (LESSOR, CLIENT_ONE, CLIENT_TWO)
_STRANGERS = (
    ("ООО «Новый партнёр»", "5000000017", "500001001", "head"),
    ("ООО «Новый партнёр», обособленное подразделение", "5000000017", "770045001", "branch"),
    ("АО «Сила»", "7800000027", "780001001", "sila"),
)


def strangers(operator: str) -> tuple[SandboxOrganization, ...]:
    """Companies that nobody here exchanges with yet: to be found and invited. One ИНН has two boxes."""
    code = SANDBOX_OPERATORS[operator].code
    return tuple(
        SandboxOrganization(
            name=name,
            inn=inn,
            kpp=kpp,
            ogrn=f"1997700000{place:03d}",
            participant_id=f"{code}-{inn}-{kpp}-20261101000000000",
            box_id=uuid.uuid5(_SPACE, f"stranger:{word}").hex,
        )
        for place, (name, inn, kpp, word) in enumerate(_STRANGERS, start=100)
    )


SANDBOX_ORGANIZATIONS = tuple(company.organization for company in COMPANIES)
