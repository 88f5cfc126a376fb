"""Counterparties and their participant ids."""
