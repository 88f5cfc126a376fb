"""How much of the archive is read at a time, and what is done when the store's protection fails."""

from datetime import timedelta

SCRUB_EVERY = timedelta(seconds=2)
"""How often the clock reads on. What it may read at a time follows from the megabytes a second that are allowed."""
MOST_OBJECTS = 200
"""Objects of one stretch: with small files it is not their bytes that cost."""
MOST_KEPT = 1000
"""Findings of one round that are kept as rows; the rest is counted. A store that lost a disk would fill the database."""
ROUND_FOUND = "archive.scrub_found"
ROUND_DONE = "archive.scrubbed"
CANARY_HARMED = "archive.canary_harmed"
CANARY_WELL = "archive.canary_well"
ALARM_AGAIN = timedelta(hours=24)
"""A canary that stays harmed raises the alarm once a day."""
