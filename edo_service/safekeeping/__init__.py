"""The archive's soundness: passes of the scrub that go on where they stood, what they found, and the canary's alarm."""
