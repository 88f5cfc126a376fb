"""Verbs of the documents area: one module per verb, one visible transaction per function."""
