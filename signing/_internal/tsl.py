"""The list of accredited authorities of Минцифры (TSL, «АккредитованныеУдостоверяющиеЦентры»): read, judged, asked.

63-ФЗ, статья 11, пункт 1: a qualified certificate is issued by an authority whose accreditation was in force on the
day of issue. The list gives each authority's certificates and the history of its accreditation. It has no nextUpdate,
so whoever asks names the age at which it is too old to tell anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from lxml import etree

from signing._internal import pem
from signing._internal.certificates import Certificate
from signing._internal.errors import BadCertificate, BadInput, BadKey
from signing._internal.trust import TrustStore
from signing._internal.xmldsig import parse_xml, text_of

_ROOT = "АккредитованныеУдостоверяющиеЦентры"
_IN_FORCE = "Действует"
_NOT_IN_FORCE = {"Приостановлена", "Прекращена", "Аннулирована", "Досрочно прекращена"}
_FUTURE = timedelta(days=1)
DEFAULT_MAX_AGE = timedelta(days=30)

Accredited = Literal["passed", "failed", "unknown"]


@dataclass(frozen=True, kw_only=True)
class AccreditationStatus:
    """One entry of the history: the word of the list and the instant from which it holds."""

    status: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Authority:
    """An authority of the list with its certificates and the history of its accreditation, oldest first."""

    name: str
    short_name: str
    inn: str
    ogrn: str
    number: str
    history: tuple[AccreditationStatus, ...]
    certificates: tuple[Certificate, ...]
    crl_urls: tuple[str, ...]

    def status_at(self, moment: datetime) -> AccreditationStatus | None:
        """The last entry that began by `moment`; None before the first one."""
        return next((one for one in reversed(self.history) if one.since <= moment), None)

    def certifies(self, issuer: Certificate) -> bool:
        """Whether the list names this very certificate, or another of the same name and key."""
        return any(
            one == issuer or (one.subject_der == issuer.subject_der and one.public_key_info == issuer.public_key_info)
            for one in self.certificates
        )


@dataclass(frozen=True, kw_only=True)
class Accreditation:
    """What the list says of the issuer of one certificate on its day of issue."""

    outcome: Accredited
    text_ru: str
    authority: str = ""
    status: str = ""
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class TrustedList:
    """The list as it was read; `issued_at` is its own date. Whether to believe it is said by `verify_tsl`."""

    version: int
    issued_at: datetime
    authorities: tuple[Authority, ...]
    max_age: timedelta = field(default=DEFAULT_MAX_AGE)

    def accreditation(self, certificate: Certificate, issuer: Certificate, *, at: datetime) -> Accreditation:
        """Whether the issuer was accredited when the certificate was issued, as far as the list can tell at `at`."""
        if at - self.issued_at > self.max_age:
            return Accreditation(outcome="unknown", text_ru=f"Список УЦ устарел: он от {self.issued_at:%d.%m.%Y}.")
        found = [one for one in self.authorities if one.certifies(issuer)]
        if not found:
            text = f"Издателя «{issuer.subject.common_name}» нет в списке аккредитованных УЦ."
            return Accreditation(outcome="failed", text_ru=text)
        if certificate.not_before > self.issued_at + _FUTURE:
            return Accreditation(outcome="unknown", text_ru="Сертификат выдан позже, чем составлен список УЦ.")
        answers = [_status_answer(one, certificate.not_before) for one in found]
        order: dict[Accredited, int] = {"passed": 0, "unknown": 1, "failed": 2}
        return min(answers, key=lambda one: order[one.outcome])

    def extend(self, trust: TrustStore) -> TrustStore:
        """The store with the certificates of the list as intermediates (never as anchors) and the list to be asked."""
        known = {one.der for one in (*trust.anchors, *trust.intermediates)}
        listed = {one.der: one for authority in self.authorities for one in authority.certificates}
        added = [one for encoded, one in listed.items() if encoded not in known]
        return TrustStore(trust.anchors, (*trust.intermediates, *added), accredited=self)


def _status_answer(authority: Authority, moment: datetime) -> Accreditation:
    found = authority.status_at(moment)
    name = authority.short_name or authority.name
    if found is None:
        outcome: Accredited = "failed" if authority.history else "unknown"
        text = f"УЦ «{name}» ещё не был аккредитован {moment:%d.%m.%Y}."
        return Accreditation(outcome=outcome, text_ru=text, authority=name)
    outcome = "passed" if found.status == _IN_FORCE else "failed" if found.status in _NOT_IN_FORCE else "unknown"
    words = {"passed": "действовала", "failed": "не действовала", "unknown": "неизвестна"}
    text = f"Аккредитация УЦ «{name}» на {moment:%d.%m.%Y} {words[outcome]} («{found.status}»)."
    return Accreditation(outcome=outcome, text_ru=text, authority=name, status=found.status, since=found.since)


def read_tsl(data: bytes) -> TrustedList:
    """Read a list without judging its signature; BadInput for hostile or malformed XML."""
    return read_list(parse_xml(data))


def read_list(root: etree._Element, *, max_age: timedelta = DEFAULT_MAX_AGE) -> TrustedList:
    """Read the parsed list; BadInput."""
    if _name(root) != _ROOT:
        raise BadInput("not a list of accredited authorities", _name(root))
    version = _text(root, "Версия")
    if not version.isdigit():
        raise BadInput("the list of authorities has no version", version)
    return TrustedList(
        version=int(version),
        issued_at=_time(_text(root, "Дата")),
        authorities=tuple(_authority(one) for one in _children(root, "УдостоверяющийЦентр")),
        max_age=max_age,
    )


def _authority(element: etree._Element) -> Authority:
    statuses = [
        *(one for history in _children(element, "ИсторияСтатусовАккредитации") for one in history),
        *_children(element, "СтатусАккредитации"),
    ]
    entries = {
        AccreditationStatus(status=_text(one, "Статус"), since=_time(_text(one, "ДействуетС"))) for one in statuses
    }
    instants = [one.since for one in entries]
    if len(set(instants)) != len(instants):
        raise BadInput("two statuses of one authority begin at the same instant", _text(element, "Название"))
    return Authority(
        name=_text(element, "Название"),
        short_name=_text(element, "КраткоеНазвание"),
        inn=_text(element, "ИНН"),
        ogrn=_text(element, "ОГРН"),
        number=_text(element, "РеестровыйНомер"),
        history=tuple(sorted(entries, key=lambda one: one.since)),
        certificates=tuple(_certificates(element)),
        crl_urls=tuple(
            dict.fromkeys(
                _whole(place)
                for places in element.iter()
                if _name(places) == "АдресаСписковОтзыва"
                for place in _children(places, "Адрес")
            )
        ),
    )


def _certificates(element: etree._Element) -> Iterator[Certificate]:
    """Certificates of the authority's keys; one that cannot be read is left out: it can certify nobody."""
    for one in element.iter():
        if _name(one) == "ДанныеСертификата":
            try:
                yield Certificate.load(pem.decode_base64(_text(one, "Данные").encode()) or b"")
            except (BadCertificate, BadInput, BadKey):
                continue


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (one for one in element if _name(one) == name)


def _whole(element: etree._Element) -> str:
    return text_of(element).strip()


def _text(element: etree._Element, name: str) -> str:
    found = list(_children(element, name))
    if len(found) > 1:
        raise BadInput(f"the element {name} stands {len(found)} times")
    return _whole(found[0]) if found else ""


def _time(text: str) -> datetime:
    """A time of the list; without a zone it is UTC, as the histories show (20:00 and 21:00 are midnights of Moscow)."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput("the list of authorities has a malformed time", text) from error
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
