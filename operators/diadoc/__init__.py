"""Adapter of the operator Диадок (СКБ Контур): its JSON wire behind `operators.port`."""

from operators.diadoc.adapter import DiadocOperator
from operators.diadoc.auth import DiadocCredentials, OidcCredentials, TokenKeeper

__all__ = ["DiadocCredentials", "DiadocOperator", "OidcCredentials", "TokenKeeper"]
