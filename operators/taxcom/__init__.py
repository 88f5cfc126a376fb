"""Adapter of the operator Taxcom (Такском-Доклайнз): its ZIP containers and XML lists behind `operators.port`."""

from operators.taxcom.account import KeyOpener, TaxcomCabinet, TaxcomCredentials
from operators.taxcom.adapter import TaxcomOperator

__all__ = ["KeyOpener", "TaxcomCabinet", "TaxcomCredentials", "TaxcomOperator"]
