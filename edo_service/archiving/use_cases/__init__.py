"""Verbs of the archive desk: hand over a finished set, take a package out."""
