"""Verbs of the exchange: carry out, poll the feed, take one event, deliver directly, connect an operator."""
