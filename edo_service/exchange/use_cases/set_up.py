"""The set-up of an operator, a verb for each step: choose, name the participant, try the connection, invite, finish.

Every step is kept at once, so the set-up may be left and taken up again. The credentials are stored (sealed) before they
are tried.
"""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from edo_service.accounts import queries as accounts
from edo_service.errors import Conflict, EdoError, NotFound, Rejected, Unavailable
from edo_service.exchange import relations
from edo_service.exchange.accounts import AccountCard, OperatorFactory, card
from edo_service.exchange.catalogue import OPERATORS
from edo_service.exchange.lives import ACCOUNT, SETTING_UP, AccountEvent
from edo_service.exchange.rules import POLL
from edo_service.exchange.tables import OperatorAccount
from edo_service.exchange.tokens import token_context
from edo_service.exchange.use_cases.connect import seal_context
from edo_service.kernel import workflow
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.secrets import SecretBox
from edo_service.kernel.uow import UnitOfWork
from edo_service.parties.rules import participant_id_is_valid
from operators import errors, port


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The log-in at the operator; an empty password means the one that is kept already.

    `by`: "password", or "consent" (a person confirms at the operator; the password is then the application's key).
    """

    login: str
    password: str = field(repr=False)
    client_id: str
    by: str = "password"


def choose_operator(operator: str, *, actor: Actor, uow: UnitOfWork, secrets: SecretBox) -> UUID:
    """Begin a set-up, or take up the one that was begun with that operator. Returns the connection's id. Rejected."""
    actor.require(Right.OPERATORS)
    if operator not in OPERATORS:
        raise Rejected("exchange.operator_unknown", operator=operator)
    with uow:
        begun = select(OperatorAccount).where(OperatorAccount.operator == operator, OperatorAccount.box == "")
        row = uow.session.scalars(begun).one_or_none()
        if row is not None:
            return row.id
        row = OperatorAccount(
            owner_id=actor.entity,
            operator=operator,
            participant_id="",
            box="",
            login="",
            sealed_password=secrets.seal(b"", seal_context(actor.entity, operator)),
            client_id="",
            state="draft",
            created_at=uow.clock.now(),
        )
        uow.session.add(row)
        uow.session.flush()
        _journal(uow, row, "exchange.set_up_begun", actor)
        uow.commit()
        return row.id


def name_participant(account_id: UUID, participant_id: str, *, demo: bool, actor: Actor, uow: UnitOfWork) -> None:
    """Keep the participant's id after a look at its form. A tested connection has to be tested again.

    An id that is connected already may be named: the test then gives that connection the new credentials. Raises Rejected
    (`party.bad_participant_id`, `exchange.foreign_prefix`, `exchange.set_up_twice`), Conflict.
    """
    actor.require(Right.OPERATORS)
    if not participant_id_is_valid(participant_id):
        raise Rejected("party.bad_participant_id", participant_id=participant_id)
    with uow:
        row = take(uow, account_id)
        kind = OPERATORS[row.operator]
        if not kind.fits(participant_id, demo=demo):
            prefix = f"{kind.prefix} (в демонстрации {kind.demo_prefix})" if demo else kind.prefix
            raise Rejected("exchange.foreign_prefix", operator=kind.name, prefix=prefix)
        if row.state not in {"draft", "checked"}:
            raise Conflict("exchange.set_up_already")
        if row.participant_id == participant_id:
            return
        draft = select(OperatorAccount.id).where(
            OperatorAccount.operator == row.operator, OperatorAccount.box == "", OperatorAccount.id != row.id
        )
        if (
            uow.session.scalars(draft).first() is not None
        ):  # one untested connection to an operator: uq_operator_account
            raise Rejected("exchange.set_up_twice", operator=kind.name)
        if row.state == "checked":
            _move(uow, row, AccountEvent.CHANGE, actor)
        row.participant_id, row.box, row.boxes = participant_id, "", None
        _journal(uow, row, "exchange.participant_named", actor, participant_id=participant_id)
        uow.commit()


def try_connection(
    account_id: UUID,
    credentials: Credentials,
    *,
    actor: Actor,
    uow: UnitOfWork,
    operators: OperatorFactory,
    secrets: SecretBox,
) -> UUID:
    """Keep the credentials sealed, log in, find our box. Returns the connection's id: an older one of the same box wins.

    Where the log-in takes its person (a code by SMS, a consent), the step is kept and she is waited for:
    `log_in.confirm_log_in` goes on.

    Raises Rejected (`exchange.credentials_refused`, `exchange.box_not_found`, `exchange.box_of_other_organization`),
    Unavailable (`exchange.no_answer`, `exchange.no_operator_address`), Conflict (`exchange.set_up_already`: somebody has
    stored other credentials meanwhile; what was found by these says nothing of those).
    """
    actor.require(Right.OPERATORS)
    with uow:
        row = take(uow, account_id)
        if not row.participant_id:
            raise Conflict("exchange.participant_first")
        _move(uow, row, AccountEvent.CHECK, actor)
        same = (row.login, row.client_id, row.log_in_by) == (credentials.login, credentials.client_id, credentials.by)
        if not same or credentials.password or row.log_in_step is not None:
            row.sealed_token = None
        row.login, row.client_id, row.log_in_by = credentials.login, credentials.client_id, credentials.by
        row.log_in_step = None
        if credentials.password:
            row.sealed_password = secrets.seal(credentials.password.encode(), seal_context(row.owner_id, row.operator))
        account, inn = card(row), accounts.entity(uow, actor.entity).inn
        uow.commit()
    return log_in(account, inn, actor=actor, uow=uow, operators=operators, secrets=secrets)


def log_in(
    account: AccountCard,
    inn: str,
    *,
    actor: Actor,
    uow: UnitOfWork,
    operators: OperatorFactory,
    secrets: SecretBox,
) -> UUID:
    """Log in by what is kept, find the box of that ИНН, write the outcome down; see `try_connection`."""
    try:
        seen = _look(account, operators)
        if isinstance(seen, port.LogInStep):
            return _wait_for_person(account, seen, actor=actor, uow=uow, secrets=secrets)
        box = _own_box(seen, account.participant_id, inn)
    except EdoError as error:
        _failed(account, error, actor=actor, uow=uow)
        raise
    return _found(account, seen, box, actor=actor, uow=uow)


def finish(account_id: UUID, *, actor: Actor, uow: UnitOfWork) -> None:
    """End the set-up without waiting for a confirmation (it still comes by itself). Harmless when it is over already."""
    actor.require(Right.OPERATORS)
    with uow:
        row = take(uow, account_id)
        if row.state in {"connected", "closing"}:
            return
        _move(uow, row, AccountEvent.FINISH, actor)
        start_reading(uow, row)
        _journal(uow, row, "exchange.connected", actor, operator=row.operator, box=row.box)
        uow.commit()


def take(uow: UnitOfWork, account_id: UUID) -> OperatorAccount:
    """The connection of the scope; NotFound for an absent and for a foreign one."""
    row = uow.session.scalars(select(OperatorAccount).where(OperatorAccount.id == account_id)).one_or_none()
    if row is None:
        raise NotFound("exchange.account_absent", id=str(account_id))
    return row


def start_reading(uow: UnitOfWork, row: OperatorAccount) -> None:
    """Promise to read the feed now."""
    uow.jobs.put(POLL, owner_id=row.owner_id, key=str(row.id), queue="exchange", payload={"account_id": str(row.id)})


def _look(account: AccountCard, operators: OperatorFactory) -> tuple[port.Box, ...] | port.LogInStep:
    """The boxes that the log-in may use, or what it wants of its person first."""
    operator = operators(account)
    try:
        try:
            return operator.check_connection()
        except errors.PersonNeeded:
            step = operator.begin_log_in() if isinstance(operator, port.PersonalLogIn) else None
            return step if step is not None else operator.check_connection()
    except (errors.AuthExpired, errors.Forbidden) as error:
        raise Rejected("exchange.credentials_refused", reason=str(error)) from error
    except errors.OperatorError as error:
        raise Unavailable("exchange.no_answer", reason=str(error)) from error


def _wait_for_person(
    tested: AccountCard, step: port.LogInStep, *, actor: Actor, uow: UnitOfWork, secrets: SecretBox
) -> UUID:
    with uow:
        row = take(uow, tested.id)
        if not _is_as_tested(row, tested):
            raise Conflict("exchange.set_up_already")
        row.sealed_token = secrets.seal(step.secret.encode(), token_context(row.owner_id, row.operator))
        row.log_in_step = {
            "telephone": step.telephone,
            "url": step.url,
            "user_code": step.user_code,
            "until": step.until.isoformat(),
        }
        _journal(uow, row, "exchange.log_in_begun", actor)
        uow.commit()
        return row.id


def _own_box(boxes: tuple[port.Box, ...], participant_id: str, inn: str) -> port.Box:
    """An account at the operator may see boxes of several companies; each reads its own only."""
    wanted = participant_id.casefold()
    box = next((one for one in boxes if (one.participant_id or "").casefold() == wanted), None)
    if box is None:
        raise Rejected("exchange.box_not_found", participant_id=participant_id)
    if box.inn != inn:
        raise Rejected("exchange.box_of_other_organization", expected=inn, found=box.inn)
    return box


def _is_as_tested(row: OperatorAccount, tested: AccountCard) -> bool:
    """Whether the credentials kept are the very ones that were tried (each sealing differs, even of one password)."""
    return (row.participant_id, row.log_in_by, row.login, row.client_id, row.sealed_password) == (
        tested.participant_id,
        tested.log_in_by,
        tested.login,
        tested.client_id,
        tested.sealed_password,
    )


def _failed(tested: AccountCard, error: EdoError, *, actor: Actor, uow: UnitOfWork) -> None:
    with uow:
        row = take(uow, tested.id)
        if _is_as_tested(row, tested) and relations.move_account(uow, row, AccountEvent.FAIL, actor=actor):
            row.boxes = None
            _journal(uow, row, "exchange.check_failed", actor, reason=str(error))
            uow.commit()


def _found(tested: AccountCard, boxes: tuple[port.Box, ...], box: port.Box, *, actor: Actor, uow: UnitOfWork) -> UUID:
    """Write the outcome down. The box may be known from an earlier connection: that one gets the new credentials."""
    with uow:
        row = take(uow, tested.id)
        if not _is_as_tested(row, tested):
            raise Conflict("exchange.set_up_already")
        shown = {
            "boxes": [
                {"id": one.id, "organization": one.organization, "inn": one.inn, "participant_id": one.participant_id}
                for one in boxes[:50]
            ]
        }
        same = select(OperatorAccount).where(
            OperatorAccount.operator == row.operator, OperatorAccount.box == box.id, OperatorAccount.id != row.id
        )
        older = uow.session.scalars(same).one_or_none()
        if older is not None:
            older.login, older.client_id, older.sealed_password = row.login, row.client_id, row.sealed_password
            older.log_in_by, older.sealed_token, older.log_in_step = row.log_in_by, row.sealed_token, row.log_in_step
            older.participant_id, older.boxes, older.checked_at = row.participant_id, shown, uow.clock.now()
            older.trouble = older.trouble_since = older.trace_id = None
            uow.session.delete(row)
            if older.state in {"off", "closing"}:
                _move(uow, older, AccountEvent.SWITCH_ON, actor)
            start_reading(uow, older)
            _journal(uow, older, "exchange.credentials_changed", actor)
            uow.commit()
            return older.id
        _move(uow, row, AccountEvent.SUCCEED, actor)
        row.box, row.boxes, row.checked_at = box.id, shown, uow.clock.now()
        row.trouble = row.trouble_since = row.trace_id = None
        _journal(uow, row, "exchange.checked", actor, boxes=len(boxes))
        uow.commit()
        return row.id


def _move(uow: UnitOfWork, row: OperatorAccount, event: AccountEvent, actor: Actor) -> None:
    if row.state not in SETTING_UP and not ACCOUNT.allows(row.state, event):
        raise Conflict("exchange.set_up_already")
    workflow.move(uow.session, row, "state", event, ACCOUNT, actor=actor, at=uow.clock.now())


def _journal(uow: UnitOfWork, row: OperatorAccount, event: str, actor: Actor, **facts: object) -> None:
    uow.journal.write(event, owner_id=row.owner_id, subject=f"operator_account:{row.id}", actor=actor, **facts)
