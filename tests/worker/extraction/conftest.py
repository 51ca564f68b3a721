"""Property tests of the reader: the first example of a run loads tables, and so takes longer than any other."""

from hypothesis import settings

settings.register_profile("reading", deadline=None)
settings.load_profile("reading")
