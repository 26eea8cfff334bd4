"""Errors of a day."""


class DemoError(Exception):
    """Something answered otherwise than the story has it; the message says what."""
