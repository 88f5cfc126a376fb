"""A log-in that takes its person: a code by SMS is typed, or a consent is given at the operator; and doing it anew later."""

from uuid import UUID

from edo_service.accounts import queries as accounts
from edo_service.errors import Conflict, Rejected, Unavailable
from edo_service.exchange.accounts import OperatorFactory, card
from edo_service.exchange.tokens import token_context
from edo_service.exchange.use_cases.set_up import choose_operator, log_in, take
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.secrets import SecretBox, SecretUnreadable
from edo_service.kernel.uow import UnitOfWork
from operators import errors, port


def confirm_log_in(
    account_id: UUID,
    code: str,
    *,
    actor: Actor,
    uow: UnitOfWork,
    operators: OperatorFactory,
    secrets: SecretBox,
) -> UUID:
    """Go on with the log-in that waits: by the code she typed, or because she has consented. Then as `try_connection`.

    Raises Conflict (`exchange.nobody_awaited`: there is no such log-in any more), Rejected (`exchange.code_refused`,
    `exchange.not_consented` while she may try again; `exchange.consent_over` when it has to be begun anew), Unavailable.
    """
    actor.require(Right.OPERATORS)
    with uow:
        row = take(uow, account_id)
        if row.log_in_step is None or row.sealed_token is None:
            raise Conflict("exchange.nobody_awaited")
        account, inn = card(row), accounts.entity(uow, actor.entity).inn
        by_code, sealed = bool(row.log_in_step.get("telephone")), row.sealed_token
    operator = operators(account)
    if not isinstance(operator, port.PersonalLogIn):
        raise Conflict("exchange.nobody_awaited")
    try:
        secret = secrets.open(sealed, token_context(account.owner_id, account.operator)).decode()
        operator.finish_log_in(secret, code=code)
    except errors.NotConfirmed as error:
        raise Rejected("exchange.not_consented") from error
    except errors.AuthExpired as error:
        if by_code:
            raise Rejected("exchange.code_refused") from error
        forget_step(account_id, actor=actor, uow=uow)
        raise Rejected("exchange.consent_over") from error
    except SecretUnreadable as error:
        raise Unavailable("exchange.credentials_damaged", id=str(account_id)) from error
    except errors.OperatorError as error:
        raise Unavailable("exchange.no_answer", reason=str(error)) from error
    return log_in(account, inn, actor=actor, uow=uow, operators=operators, secrets=secrets)


def forget_step(account_id: UUID, *, actor: Actor, uow: UnitOfWork) -> None:
    """Wait for nobody any more: the credentials are asked for again. Harmless when nobody is awaited."""
    actor.require(Right.OPERATORS)
    with uow:
        row = take(uow, account_id)
        if row.log_in_step is not None:
            row.log_in_step = row.sealed_token = None
            uow.commit()


def renew_log_in(account_id: UUID, *, actor: Actor, uow: UnitOfWork, secrets: SecretBox) -> UUID:
    """Ask for the credentials of a working connection anew: a draft beside it, which gives them to it once they work.

    The connection itself goes on meanwhile. Returns the draft's id. NotFound.
    """
    actor.require(Right.OPERATORS)
    with uow:
        operator = take(uow, account_id).operator
    draft_id = choose_operator(operator, actor=actor, uow=uow, secrets=secrets)
    with uow:
        row, draft = take(uow, account_id), take(uow, draft_id)
        if draft.id == row.id or draft.participant_id == row.participant_id:
            return draft.id
        draft.participant_id, draft.login, draft.client_id = row.participant_id, row.login, row.client_id
        draft.log_in_by, draft.boxes = row.log_in_by, None
        draft.sealed_token = draft.log_in_step = None
        uow.journal.write(
            "exchange.participant_named",
            owner_id=draft.owner_id,
            subject=f"operator_account:{draft.id}",
            actor=actor,
            participant_id=draft.participant_id,
        )
        uow.commit()
        return draft.id
