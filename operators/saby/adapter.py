"""Saby behind the port `operators.port.Operator`.

Three calls make one action: the document is written under our own GUID (again is the same), the action is prepared,
and only `СБИС.ВыполнитьДействие` cannot be taken back. It has no idempotency key: before it the document is read, and
after an unknown outcome its stage tells (`look_up`).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from operators.errors import (
    BadAnswer,
    Conflict,
    ConflictKind,
    CursorLost,
    NotFound,
    OperatorError,
    OutcomeUnknown,
    Temporary,
    Unsupported,
)
from operators.guards import Safeguards
from operators.lacking import LacksRelations
from operators.port import (
    AcceptAnnulment,
    Action,
    Box,
    Capability,
    Clock,
    Entity,
    EntityKind,
    EntityRef,
    Event,
    Executed,
    LogInStep,
    Page,
    Participant,
    PowerRef,
    ProposeAnnulment,
    RefuseAnnulment,
    Relation,
    RelationStatus,
    RequestCorrection,
    Send,
    SendReceipt,
    SendUniversalMessage,
    SignDocument,
    ToSign,
)
from operators.saby import actions, codes, forms, reading
from operators.saby.client import NO_HELP, LogInHelp, SabyClient, SabyCredentials
from operators.wire import TIMEOUTS, UNGUARDED, Outside

CAPABILITIES = frozenset(
    {
        Capability.FIND_PARTICIPANTS,
        Capability.SEND,
        Capability.RECEIPTS,
        Capability.TITLES,
        Capability.SIGNATURES,
        Capability.REJECTIONS,
        Capability.IMPLICIT_INVITATIONS,
        Capability.PROPOSE_ANNULMENT,
        Capability.ACCEPT_ANNULMENT,
        Capability.REFUSE_ANNULMENT,
        Capability.EVENTS,
    }
)
PAGE = 200
PREPARATIONS = 5
OVERLAP = timedelta(days=1)
"""How far before its last event a feed is read again when the operator has forgotten that event."""
BEGINNING = datetime(2010, 1, 1, tzinfo=UTC)
LINK_PAUSE = 30.0
"""Seconds after which a file whose link is still empty is worth asking for again."""


class SabyOperator(LacksRelations):
    """An account at Saby (implements `operators.port.Operator`).

    `base_url`: https://online.sbis.ru, its test host or a sandbox. `log_in` helps with a second factor by SMS. The
    other arguments are those of `DiadocOperator`.
    """

    code = codes.OPERATOR_CODE
    capabilities = CAPABILITIES

    def __init__(
        self,
        base_url: str,
        credentials: SabyCredentials,
        transport: httpx2.BaseTransport | None = None,
        *,
        clock: Clock,
        log_in: LogInHelp = NO_HELP,
        wait: Callable[[float], None] = time.sleep,
        timeouts: httpx2.Timeout = TIMEOUTS,
        guards: Safeguards = UNGUARDED,
    ) -> None:
        outside = Outside(clock=clock, transport=transport, wait=wait, timeouts=timeouts, guards=guards)
        self._client = SabyClient(base_url, credentials, outside, log_in)
        self._home: frozenset[str] | None = None

    def close(self) -> None:
        """Close the connections; the object is of no use afterwards."""
        self._client.close()

    def check_connection(self) -> tuple[Box, ...]:
        """Log in anew and list our organisations (`СБИС.СписокНашихОрганизаций`). PersonNeeded: a code by SMS."""
        self._client.log_in()
        return self._boxes()

    def begin_log_in(self) -> LogInStep | None:
        """See `operators.port.PersonalLogIn`: a code by SMS."""
        return self._client.begin()

    def finish_log_in(self, secret: str, *, code: str = "") -> None:
        """See `operators.port.PersonalLogIn`."""
        self._client.finish(secret, code)

    def find_participants(self, *, inn: str, kpp: str | None = None) -> tuple[Participant, ...]:
        """Find an organisation and all its participant ids (`СБИС.ИнформацияОКонтрагенте`)."""
        requisites = {"ИНН": inn} | ({} if kpp is None else {"КПП": kpp})
        who = {"СвФЛ" if len(inn) == 12 else "СвЮЛ": requisites, "ДопПоля": "СписокИдентификаторов"}
        try:
            answer = self._client.call("СБИС.ИнформацияОКонтрагенте", {"Участник": who})
        except NotFound:
            return ()
        return reading.read_participants(answer, home=self._home_codes())

    def relations(
        self,
        box: str,  # noqa: ARG002 - the port's
        *,
        status: RelationStatus | None = None,  # noqa: ARG002 - the port's
        cursor: str | None = None,  # noqa: ARG002 - the port's
    ) -> Page[Relation]:
        """Saby keeps no list of counterparties: the first document is the invitation. Raises Unsupported."""
        raise Unsupported("Saby has no list of counterparties", operator=self.code)

    def prepare(self, action: Action) -> tuple[ToSign, ...]:
        """Tell what to sign; for a bare signature the document itself is fetched."""
        if not isinstance(action, SignDocument | AcceptAnnulment):
            return actions.files_to_sign(action)
        signed = actions.parent_of(action)
        for entity in self.message(signed.box, signed.message_id):
            if entity.ref.entity_id == signed.entity_id:
                name, content = entity.file_name or "document", self.content(signed)
                return (ToSign(ref=actions.DOCUMENT, file_name=name, content=content),)
        raise NotFound(f"no attachment {signed.entity_id}", operator=self.code)

    def execute(
        self, action: Action, signatures: Mapping[str, bytes], *, key: str, power: PowerRef | None = None
    ) -> Executed:
        """Write, prepare, execute. What was done before, by whatever key, is found and given back."""
        del power  # no source tells of a place for it
        if not key:
            raise ValueError("an idempotency key is never empty")
        actions.check(action)
        signature = actions.signature_for(action, signatures)
        try:
            return self._send(action, signature) if isinstance(action, Send) else self._answer(action, signature, key)
        except Conflict:
            found = self.look_up(action)  # a repeat of what has been done meets a stage that is no longer there
            if found is None:
                raise
            return found

    def look_up(
        self,
        action: Action,
        *,
        since: datetime | None = None,  # noqa: ARG002 - the port's; a document is read by its id, whenever it was sent
    ) -> Executed | None:
        """Find an executed action in its document: what was sent is no draft any more, an answer lies in it."""
        if isinstance(action, RequestCorrection | SendUniversalMessage):
            return None  # never executed: the operator has no such action
        try:
            if isinstance(action, Send):
                document = self._document(action.from_box, actions.document_id(action))
                return self._sent(action, document)
            document = self._document(action.doc.box, action.doc.message_id)
        except NotFound:
            return None
        made = self._made_by(action, reading.read_entities(document, action.doc.box))
        if made is None or not self._same_content(action, made):
            return None
        return self._executed(action.doc.message_id, made, document)

    def events(self, box: str, cursor: str | None, *, limit: int = PAGE, since: datetime | None = None) -> Page[Event]:
        """Read the changes of an organisation's documents (`СБИС.СписокИзменений`).

        A cursor carries the time of its event: when the operator has forgotten the event, the feed is read again from
        a day before it, so events repeat. Raises CursorLost for a cursor without a time.
        """
        size = min(limit, PAGE)
        if cursor is None:
            return self._page(self._changes(box, size, since=since or BEGINNING), box, cursor)
        event_id, _, at = cursor.partition(" ")
        try:
            return self._page(self._changes(box, size, after=event_id), box, cursor)
        except (Conflict, NotFound) as error:
            try:
                start = datetime.fromisoformat(at) - OVERLAP
            except (ValueError, OverflowError) as useless:
                raise CursorLost(str(error), operator=self.code, status=error.status) from useless
            return self._page(self._changes(box, size, since=start), box, cursor)

    def content(self, ref: EntityRef) -> bytes:
        """Fetch a file or a signature by its link. Raises Temporary while the operator has no link yet."""
        return self.contents((ref,))[ref]

    def contents(self, refs: Sequence[EntityRef]) -> Mapping[EntityRef, bytes]:
        """Fetch several by their links; the document that names these is read once."""
        documents = {place: self._document(*place) for place in {(ref.box, ref.message_id) for ref in refs}}
        links = {ref: reading.link_of(documents[ref.box, ref.message_id], ref.entity_id) for ref in refs}
        for ref, link in links.items():
            if link is None:
                raise NotFound(f"no attachment {ref.entity_id}", operator=self.code)
            if not link:
                raise Temporary("the file has no link yet", operator=self.code, retry_after=LINK_PAUSE)
        return {ref: self._client.download(link) for ref, link in links.items() if link}

    def message(self, box: str, message_id: str) -> tuple[Entity, ...]:
        """Read a document (`СБИС.ПрочитатьДокумент`)."""
        return reading.read_entities(self._document(box, message_id), box)

    def _boxes(self) -> tuple[Box, ...]:
        return reading.read_boxes(self._client.call("СБИС.СписокНашихОрганизаций", {"Фильтр": {}}))

    def _home_codes(self) -> frozenset[str]:
        """The operator's codes in our own participant ids, asked for once: what is not among them is roaming."""
        if self._home is None:
            self._home = frozenset(each.participant_id[:3] for each in self._boxes() if each.participant_id)
        return self._home or frozenset({codes.OPERATOR_CODE})

    def _send(self, action: Send, signature: bytes) -> Executed:
        """1. Nothing is written over what was sent. 2. Write. 3. Prepare. 4. Execute."""
        found = self.look_up(action)
        if found is not None:
            return found
        self._client.call("СБИС.ЗаписатьДокумент", actions.to_write(action))
        document = self._do(actions.sending(action), action.document.content, signature)
        try:
            executed = self._sent(action, document)
        except BadAnswer as error:
            raise _unreadable(error) from error
        return executed or self._must_be_there(action)

    def _answer(self, action: actions.Answer, signature: bytes, key: str) -> Executed:
        self._document(action.doc.box, action.doc.message_id)
        step = actions.answering(action, self._stage(action), key)
        content = self.content(actions.parent_of(action)) if step.content is None else step.content
        document = self._do(step, content, signature)
        try:
            made = self._made_by(action, reading.read_entities(document, action.doc.box))
            executed = None if made is None else self._executed(step.document_id, made, document)
        except BadAnswer as error:
            raise _unreadable(error) from error
        return executed or self._must_be_there(action)

    def _do(self, step: actions.Step, content: bytes, signature: bytes) -> dict[str, Any]:
        """Prepare an action, make sure that it wants exactly what was signed, execute it."""
        file_id, theirs = self._wanted(step)
        if theirs != content:
            error = Conflict("the operator wants another file signed than ours", operator=self.code)
            error.kind = ConflictKind.STATE
            raise error
        return self._client.call("СБИС.ВыполнитьДействие", step.to_execute(file_id, signature), write=True)

    def _wanted(self, step: actions.Step) -> tuple[str, bytes | None]:
        """Id and bytes of the one file that the action wants signed; None for the bytes of any other number of files.

        A draft written anew meanwhile (the same action in another thread) takes its file away: then it is prepared again.
        """
        for attempt in range(1, PREPARATIONS + 1):
            prepared = self._client.call("СБИС.ПодготовитьДействие", step.to_prepare())
            wanted = [file for stage in forms.items(prepared, "Этап") for file in forms.items(stage, "Вложение")]
            if len(wanted) != 1:
                break
            file_id = forms.text(wanted[0], "Идентификатор")
            link = reading.link_of({"Вложение": wanted}, file_id)
            if not link:
                break
            try:
                return file_id, self._client.download(link)
            except NotFound:
                if attempt == PREPARATIONS:
                    raise
        return "", None

    def _must_be_there(self, action: Action) -> Executed:
        """Read back what an accepted step has made."""
        try:
            found = self.look_up(action)
        except OperatorError as error:
            raise _unreadable(error) from error
        if found is None:
            raise OutcomeUnknown("accepted, but the document does not show it yet", operator=self.code)
        return found

    def _stage(self, action: actions.Answer) -> Mapping[str, str]:
        """The stage that carries an answer: of a receipt it is a service stage with an id of its own."""
        if isinstance(action, ProposeAnnulment | AcceptAnnulment | RefuseAnnulment):
            return {"Название": actions.ANNULMENT}
        if not isinstance(action, SendReceipt):
            return {"Название": actions.APPROVAL}
        wanted = {
            "НашаОрганизация": reading.side_of(action.doc.box).json(),
            "ИдентификаторДокумента": action.doc.message_id,
        }
        answer = self._client.call("СБИС.СписокСлужебныхЭтапов", {"Фильтр": wanted})
        for document in forms.items(answer, "Документ"):
            if document.get("Идентификатор") != action.doc.message_id:
                continue
            for stage in forms.items(document, "Этап"):
                if any(each.get("Название") == actions.PROCESS for each in forms.items(stage, "Действие")):
                    return {name: forms.text(stage, name) for name in ("Название", "Идентификатор")}
        error = Conflict("no service stage waits for a receipt", operator=self.code)
        error.kind = ConflictKind.STATE
        raise error

    def _document(self, box: str, document_id: str) -> dict[str, Any]:
        """Read a document of ours; raises NotFound for another organisation's."""
        document = self._client.call("СБИС.ПрочитатьДокумент", {"Документ": {"Идентификатор": document_id}})
        ours = document.get("НашаОрганизация")
        if isinstance(ours, Mapping) and not reading.side_of(box).is_of(ours):
            raise NotFound(f"no document {document_id} in {box}", operator=self.code)
        return document

    def _changes(
        self, box: str, size: int, *, after: str | None = None, since: datetime | None = None
    ) -> dict[str, Any]:
        wanted: dict[str, Any] = {
            "НашаОрганизация": reading.side_of(box).json(),
            "ПолныйСертификатЭП": "Нет",
            "Навигация": {"РазмерСтраницы": str(size)},
        }
        if after is not None:
            wanted["ИдентификаторСобытия"] = after
        elif since is not None:
            wanted["ДатаВремяС"] = forms.to_moment(since)
        return self._client.call("СБИС.СписокИзменений", {"Фильтр": wanted})

    def _page(self, answer: Mapping[str, Any], box: str, cursor: str | None) -> Page[Event]:
        items = reading.read_events(answer, box)
        return Page(items=items, next=items[-1].cursor if items else cursor, more=forms.has_more(answer))

    def _sent(self, action: Send, document: Mapping[str, Any]) -> Executed | None:
        if forms.state(document) in codes.DRAFT_STATES:
            return None
        other = document.get("Контрагент")
        if (
            not isinstance(other, Mapping)
            or other.get("Идентификатор") != reading.side_of(action.to_box).participant_id
        ):
            return None
        made = self._made_by(action, reading.read_entities(document, action.from_box))
        return None if made is None else self._executed(actions.document_id(action), made, document)

    def _executed(self, message_id: str, made: Mapping[EntityKind, EntityRef], document: Mapping[str, Any]) -> Executed:
        main = Executed(message_id=message_id, entities=made, at=BEGINNING).main
        times = reading.event_times(document)
        at = times.get(main.entity_id.partition("/")[0]) or forms.created_at(document)
        return Executed(message_id=message_id, entities=made, at=at)

    def _made_by(self, action: Action, entities: Sequence[Entity]) -> dict[EntityKind, EntityRef] | None:
        """Pick what the action has made among a document's entities; None when it is not there."""
        if isinstance(action, Send):
            candidates = [entity for entity in entities if entity.own_id is not None and entity.parent_id is None]
            box = action.from_box
        else:
            kind, box = actions.KINDS[type(action)], action.doc.box
            parent = actions.parent_of(action).entity_id
            candidates = [entity for entity in entities if entity.kind is kind and entity.signed_by == box]
            candidates = [entity for entity in candidates if entity.parent_id == parent]
            if kind is EntityKind.SIGNATURE and any(e.ref.entity_id == parent and e.signed_by == box for e in entities):
                return None  # our signature under our own file answers nothing
        if not candidates:
            return None
        main = candidates[-1]
        made = {main.kind: main.ref}
        for entity in entities:
            ours = entity.kind is EntityKind.SIGNATURE and entity.signed_by == box
            if ours and entity.parent_id == main.ref.entity_id:
                made.setdefault(EntityKind.SIGNATURE, entity.ref)
        return made

    def _same_content(self, action: actions.Answer, made: Mapping[EntityKind, EntityRef]) -> bool:
        """Tell our answer from one that a colleague gave in the operator's own program."""
        step = actions.answering(action, {}, "")
        return step.content is None or self.content(made[actions.KINDS[type(action)]]) == step.content


def _unreadable(error: OperatorError) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"accepted, but the answer is unreadable: {error}", operator=codes.OPERATOR_CODE, status=error.status
    )
