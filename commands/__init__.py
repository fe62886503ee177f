"""The `desk` command: thin, one module a group of commands."""


class CannotError(Exception):
    """A command that could not do its work; the message is one clear sentence."""
