"""By which power the signer of a file from outside acts: the МЧД that the file cites is fetched, kept and judged.

A bare signature (on an agreed file, on a proposal to annul) cites nothing, and УКД 5.01 has no place for it: the powers that
are kept here speak for them, and those that the operator's wire has brought with the signature.

The network is asked here, outside of transactions. 63-ФЗ art. 17.2; the ten checks are `powers.judging.judge`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from edo_service.documents import papers
from edo_service.documents.signing_desk import KeptSignature, SigningDesk
from edo_service.errors import Conflict, Rejected, Unavailable
from edo_service.exchange.fitness import Reading
from edo_service.formats.ukd_titles import UkdReply, UkdTitle
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.uow import UnitOfWork
from edo_service.powers import queries
from edo_service.powers.desk import Judged, best_of, is_good, who
from edo_service.powers.queries import PowerCard
from edo_service.powers.rules import MAX_CHAIN, Act, Who
from edo_service.powers.use_cases import keep_found

MAX_CITED = 10
"""A file that cites more powers is not read further: each one costs a question to the register."""


@dataclass(frozen=True, kw_only=True)
class Acting:
    """Judges signatures of employees for one owner of documents.

    `silent`: powers that the register did not tell of and that a signature needs.
    """

    owner: UUID
    uow: UnitOfWork
    desk: SigningDesk
    silent: set[str] = field(default_factory=set)

    def judge(
        self,
        reading: Reading | None,
        signatures: Sequence[KeptSignature],
        *,
        principal_inn: str | None,
        kind: str,
        told: Sequence[str] = (),
    ) -> Mapping[str, Judged]:
        """SHA-256 of a signature → the power it rests on, for those whose certificate names no organisation.

        `reading`: the signed file where its format has a place for a power, None for a bare signature. `principal_inn`:
        the organisation that the signature should speak for. `told`: numbers of powers that the operator says came with
        the signatures; they speak beside those that the file cites.
        """
        if not principal_inn:
            return {}
        bare = reading is None or isinstance(reading, UkdTitle | UkdReply)
        cited = () if reading is None else papers.powers_in(reading)
        numbers = tuple(dict.fromkeys(one.casefold() for one in (*cited, *told)))[:MAX_CITED]
        found: dict[str, Judged] = {}
        for kept in signatures:
            verdict = kept.judgement.verdict
            if verdict.signer is None or who(verdict.signer).organization_inn is not None:
                continue
            if not kept.judgement.trusted:
                continue  # a certificate that anybody could have made proves no agent
            act = Act(
                signer=who(verdict.signer),
                at=verdict.best_signature_time,
                organization_inn=principal_inn,
                kind=kind,
            )
            silent = set(self.silent)
            judged = self._by_kept(act, numbers) if bare else self._by_one_of(numbers, act)
            if judged is not None:
                found[kept.sha256] = judged
                if is_good(judged):  # what the register did not tell could not make it better
                    self.silent.intersection_update(silent)
        return found

    def _by_one_of(self, numbers: Sequence[str], act: Act) -> Judged | None:
        """The power among those cited that is the signer's own; None when none is at hand."""
        cards = [card for number in numbers for card in [self._card(number, act.organization_inn)] if card is not None]
        return self._best([card for card in cards if _is_hers(card, act.signer)] or cards[:1], act)

    def _by_kept(self, act: Act, told: Sequence[str]) -> Judged | None:
        """The best of her powers that are kept here, those that came with the signature among them; None when there is none."""
        for number in told:
            self._card(number, act.organization_inn)
        day, inn = moscow_date(act.at), act.organization_inn
        with self.uow:
            cards = queries.for_agent(self.uow, self.owner, act.signer, principal_inn=inn, on=day, revoked=True)
        return self._best(cards[:MAX_CITED], act)

    def _best(self, cards: Sequence[PowerCard], act: Act) -> Judged | None:
        judged = [self.desk.powers.verdict(card, act, uow=self.uow) for card in cards]
        self.silent.update(one.number for one in judged if one.silent)
        return best_of(judged)

    def _card(self, number: str, principal_inn: str) -> PowerCard | None:
        """The power with every earlier one it rests on, from the register here or the register of powers."""
        first: PowerCard | None = None
        wanted: str | None = number
        for _ in range(MAX_CHAIN):
            if not wanted:
                break
            card = self._known(wanted)
            if card is None or card.file.signature != "TOTAL-PASSED":
                card = self._fetched(wanted, principal_inn) or card
            if card is None:
                break
            first = first or card
            wanted = card.power.previous
        return first

    def _known(self, number: str) -> PowerCard | None:
        with self.uow:
            return queries.by_number(self.uow, self.owner, number)

    def _fetched(self, number: str, principal_inn: str) -> PowerCard | None:
        powers = self.desk.powers
        try:
            found = powers.registry.find(number, principal_inn)
            if found is None:
                return None
            keep_found(found, owner_id=self.owner, uow=self.uow, desk=powers)
        except (Rejected, Conflict):
            return None
        except Unavailable:
            self.silent.add(number)
            return None
        return self._known(number)


def _is_hers(card: PowerCard, signer: Who) -> bool:
    return any(agent.is_same(signer) for agent in card.power.agents)
