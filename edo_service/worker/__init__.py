"""Processes beside the web: the clockwork, workers."""
