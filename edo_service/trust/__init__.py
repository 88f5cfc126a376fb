"""Whom we trust and what we fetched to judge a signature: trust anchors, revocation cache, the judge."""
