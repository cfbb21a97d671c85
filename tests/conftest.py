"""Settings of every test."""

from hypothesis import settings

# Examples follow from the test alone, and a busy machine is no failure.
settings.register_profile("shirube", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("shirube")
