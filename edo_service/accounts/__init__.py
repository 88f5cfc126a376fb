"""Organisations, people, their sessions and rights."""
