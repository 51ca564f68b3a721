"""Settings of property tests: without a deadline, since the first example of a run loads the tables."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("reading", deadline=None)
settings.load_profile("reading")
