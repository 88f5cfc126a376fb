"""Verbs of accounts: setting up companies and people, logging in and out, passwords and sessions."""

from edo_service.accounts.arrival import Device, NewSession
from edo_service.accounts.use_cases.log_in import CodeNeeded, LoggedIn, authenticate, log_in, log_out
from edo_service.accounts.use_cases.passwords import change_password, set_password
from edo_service.accounts.use_cases.second_step import enter_code, send_code
from edo_service.accounts.use_cases.sessions import prune, revoke_all_sessions, revoke_session
from edo_service.accounts.use_cases.set_up import (
    NewEntity,
    NewMembership,
    NewPerson,
    add_membership,
    create_entity,
    create_person,
    end_membership,
)

__all__ = [
    "CodeNeeded",
    "Device",
    "LoggedIn",
    "NewEntity",
    "NewMembership",
    "NewPerson",
    "NewSession",
    "add_membership",
    "authenticate",
    "change_password",
    "create_entity",
    "create_person",
    "end_membership",
    "enter_code",
    "log_in",
    "log_out",
    "prune",
    "revoke_all_sessions",
    "revoke_session",
    "send_code",
    "set_password",
]
