"""ПОА 1.02 (DP_PRANNUL): one side proposes to annul a document; the other signs the same file or refuses."""

from __future__ import annotations

from dataclasses import dataclass

from edo_service.formats.checking import load
from edo_service.formats.declarations.service_old import ANNULMENT_OFFER_1_01, ANNULMENT_OFFER_1_02
from edo_service.formats.engine.binding import each, inside, one_of, read, value
from edo_service.formats.errors import FormatError
from edo_service.formats.parties import PersonName
from edo_service.formats.service import Company, SoleTrader
from edo_service.formats.upd import PROGRAM
from edo_service.formats.writing import WrittenFile, write_file


@dataclass(frozen=True, kw_only=True)
class AnnulmentParty:
    """A participant of exchange: a Russian company or an entrepreneur."""

    participant_id: str = value("@ИдУчастЭДО")
    who: Company | SoleTrader = one_of(".", {"ЮЛ": Company, "ИП": SoleTrader})


@dataclass(frozen=True, kw_only=True)
class AnnulledFile:
    """The first title of the document to annul: its name without «.xml» and its signatures in base64."""

    name: str = value("@ИмяАнФайла")
    signatures: tuple[str, ...] = each("ЭЦПАнФайл")


@dataclass(frozen=True, kw_only=True)
class AnnulmentSigner:
    """Who signs the proposal."""

    person: PersonName = inside("ФИО", PersonName)
    position: str | None = value("@Должность", default=None)


@dataclass(frozen=True, kw_only=True)
class AnnulmentOffer:
    """ПОА: `participant` proposes to `recipient` to annul `file`."""

    file_id: str = value("@ИдФайл")
    participant: AnnulmentParty = inside("Документ/УчастЭДО", AnnulmentParty)
    recipient: AnnulmentParty = inside("Документ/НапрПредАн", AnnulmentParty)
    file: AnnulledFile = inside("Документ/СвПредАн/СведАнФайл", AnnulledFile)
    reason: str = value("Документ/СвПредАн/ТекстПредАн")
    signer: AnnulmentSigner | None = inside("Документ/Подписант", AnnulmentSigner, default=None)
    program: str = value("@ВерсПрог", default=PROGRAM)


def read_annulment_offer(xml: bytes) -> AnnulmentOffer:
    """ПОА 1.01 or 1.02. Raises FormatError for anything else."""
    root, kind, declaration = load(xml)
    if declaration not in {ANNULMENT_OFFER_1_01, ANNULMENT_OFFER_1_02}:
        raise FormatError(f"Нужно предложение об аннулировании, а это {kind.name_ru}", line=1)
    return read(AnnulmentOffer, root, declaration.root)


def write_annulment_offer(offer: AnnulmentOffer) -> WrittenFile:
    """ПОА 1.02. Raises FormatError when the agreed schema would refuse it."""
    return write_file(offer, ANNULMENT_OFFER_1_02, knd=None)
