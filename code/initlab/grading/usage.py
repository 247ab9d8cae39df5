"""The one error that a person at the command line is meant to read."""


class UsageError(Exception):
    """A command that cannot be carried out as it was given; the message says what would work."""
