"""Verbs of safekeeping."""
