"""What the newer contracts of an operator share: papers, signers with their powers, additional fields (Diadoc)."""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.values import (
    COUNTRY,
    GUID,
    LOOSE_DATE,
    T50,
    T255,
    T500,
    T1000,
    T2000,
    codes,
    text,
    words,
)
from edo_service.formats.engine.model import (
    Element,
    Value,
    block,
    choice,
    labelled,
    many,
    may,
    maybe,
    need,
    one,
    some,
)

BOX: Final = Value(
    patterns=("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",), hint_ru="GUID"
)
_INN: Final = Value(
    min_length=10,
    max_length=12,
    patterns=("(?:[0-9][1-9]|[1-9][0-9])[0-9]{8}", "(?:[0-9][1-9]|[1-9][0-9])[0-9]{10}"),
    hint_ru="ИНН, 10 или 12 цифр",
)
PAPER: Final = block(
    many(
        "IdentificationDetails",
        block(
            may("Inn", _INN, "ИНН"),
            may("ShortNameExecutiveAuthority", T255, "орган исполнительной власти"),
            may("StatusId", codes(LegalEntity="организация", PhysicalPerson="гражданин"), "кто это"),
            may("Country", COUNTRY, "код страны"),
            may("OrgName", T1000, "наименование"),
            may("LegalEntityId", T255, "идентификатор"),
            may("OrganizationOrPersonInfo", T255, "иные сведения"),
        ),
        "кто составил документ",
    ),
    need("DocumentName", T255, "название документа"),
    need("DocumentNumber", T255, "номер документа"),
    need("DocumentDate", LOOSE_DATE, "дата документа"),
    may("FileId", T255, "файл первой стороны"),
    may("Id", T255, "идентификатор документа"),
    may("SystemId", T500, "система, где документ хранится"),
    may("SystemUrl", T255, "адрес системы"),
    may("AdditionalInfo", T2000, "дополнительно о документе"),
)
INFORMATION: Final = maybe(
    "AdditionalInfoId",
    block(
        many("AdditionalInfo", block(need("Id", T50, "имя поля"), need("Value", T2000, "значение поля")), "поле"),
        may("InfoFileId", GUID, "файл с дополнительными сведениями"),
    ),
    "дополнительные поля документа",
)

_NAME: Final = block(
    need("LastName", text(60), "фамилия"),
    need("FirstName", text(60), "имя"),
    may("MiddleName", text(60), "отчество"),
)
_POWER: Final = block(
    maybe(
        "Electronic",
        block(
            choice(
                one(
                    "Storage",
                    block(
                        maybe(
                            "FullId",
                            block(
                                need("RegistrationNumber", BOX, "номер доверенности"),
                                need("IssuerInn", _INN, "ИНН доверителя"),
                                may("RepresentativeInn", _INN, "ИНН представителя"),
                            ),
                            "доверенность по номеру",
                        ),
                        need("UseDefault", words("true", "false"), "взять доверенность по умолчанию"),
                    ),
                    "доверенность у оператора",
                ),
                one(
                    "Manual",
                    block(
                        may("RegistrationNumber", BOX, "номер доверенности"),
                        may("RegistrationDate", LOOSE_DATE, "дата доверенности"),
                        may("InternalNumber", T50, "внутренний номер"),
                        may("InternalDate", LOOSE_DATE, "внутренняя дата"),
                        may("SystemId", T500, "система хранения"),
                        may("SystemUrl", T500, "адрес системы"),
                    ),
                    "доверенность вручную",
                ),
            )
        ),
        "машиночитаемая доверенность",
    ),
    maybe(
        "Paper",
        block(
            maybe("Person", _NAME, "кто подписал доверенность"),
            may("InternalNumber", T50, "номер доверенности"),
            may("RegistrationDate", LOOSE_DATE, "дата доверенности"),
            may("IssuerInfo", T1000, "доверитель"),
        ),
        "доверенность на бумаге",
    ),
)


def _from(name: str, *sources: str, label: str) -> Element:
    """A text that the operator may also take from its own register."""
    return maybe(name, labelled(text(255, least=0), need(f"{name}Source", words(*sources), "откуда взять")), label)


SIGNERS: Final = one(
    "Signers",
    block(
        some(
            "Signer",
            block(
                maybe("Fio", _NAME, "имя"),
                _from("Position", "Employee", "Certificate", "StorageByTitleTypeId", "Manual", label="должность"),
                _from("SignerAdditionalInfo", "StorageByTitleTypeId", "Manual", label="дополнительно"),
                maybe("PowerOfAttorney", _POWER, "доверенность"),
                may("SignerStatus", words("1", "2", "3"), "статус подписанта"),
                may("SignatureType", words("1", "2", "3"), "тип подписи"),
                may("SigningDate", LOOSE_DATE, "дата подписания"),
                may(
                    "SignerPowersConfirmationMethod",
                    words("1", "2", "3", "4", "5", "6"),
                    "как подтверждены полномочия",
                ),
            ),
            "подписант",
        ),
        may("BoxId", BOX, "ящик"),
    ),
    "подписанты",
)
