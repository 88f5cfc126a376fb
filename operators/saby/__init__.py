"""Adapter of the operator Saby (СБИС, Тензор): its JSON-RPC wire behind `operators.port`."""

from operators.saby.adapter import SabyOperator
from operators.saby.client import LogInHelp, SabyCredentials, SessionKeeper

__all__ = ["LogInHelp", "SabyCredentials", "SabyOperator", "SessionKeeper"]
