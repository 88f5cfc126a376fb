"""A МЧД of the demonstration: a company lets its employee, who has a certificate of her own, sign documents."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from edo_service import formats
from edo_service.demo.companies import DemoCompany
from edo_service.formats.power import (
    Agent,
    AgentIs,
    CodedPower,
    GivenPower,
    Passing,
    PowerFacts,
    PowerKind,
    PowerOfAttorney,
    Powers,
    PowersKind,
    Principal,
    PrincipalIs,
    power_file_id,
)
from edo_service.formats.power_people import (
    CompanyWithHeads,
    FullName,
    Head,
    PersonFacts,
    PowerCompany,
    PowerPerson,
    YesNo,
)

UPD_CODE = "BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCS5"
REGISTER = "https://powers.demo.test/check"
_ALONE, _COMPANY, _PERSON, _JOINT = "1", "1", "3", "1"


def demo_power(
    company: DemoCompany,
    agent: PowerPerson,
    *,
    number: UUID,
    issued: date,
    expires: date,
    codes: Sequence[str] = (UPD_CODE,),
    passing: Passing = Passing.FORBIDDEN,
) -> formats.WrittenFile:
    """The file of a power given by the company's first person to `agent` (EMCHD_1)."""
    head = company.people[0]
    giver = person(
        head.surname, head.given_name, head.patronymic, inn=head.inn, snils=head.snils, position=head.position
    )
    given = GivenPower(
        power=PowerFacts(
            check_at=REGISTER,
            kind=PowerKind.REVOCABLE,
            passing=passing,
            own_number=f"Д-{number.hex[:4]}",
            number=str(number),
            issued=issued,
            expires=expires,
        ),
        principals=(
            Principal(
                kind=_COMPANY,
                who=PrincipalIs(
                    company=CompanyWithHeads(
                        company=PowerCompany(name=company.name, inn=company.inn, kpp=company.kpp, ogrn=company.ogrn),
                        heads=(Head(person=giver, acts=_ALONE),),
                        by_company=YesNo.NO,
                        by_person=YesNo.YES,
                        by_trader=YesNo.NO,
                    )
                ),
            ),
        ),
        agents=(Agent(kind=_PERSON, who=AgentIs(person=agent)),),
        powers=Powers(
            kind=PowersKind.CODES,
            joint=_JOINT,
            coded=tuple(CodedPower(code=code, name="Подписывать документы") for code in codes),
        ),
    )
    file_id = power_file_id(number, day=issued)
    return formats.write_power(PowerOfAttorney(file_id=file_id, content=given))


def person(
    surname: str, given_name: str, patronymic: str, *, inn: str, snils: str, position: str | None = None
) -> PowerPerson:
    """A person as the form writes him; СНИЛС with its dashes."""
    return PowerPerson(
        facts=PersonFacts(
            name=FullName(surname=surname, name=given_name, patronymic=patronymic or None),
            citizenship_kind="1",
            born=date(1980, 1, 1),
        ),
        inn=inn,
        snils=f"{snils[:3]}-{snils[3:6]}-{snils[6:9]} {snils[9:]}",
        position=position,
    )
