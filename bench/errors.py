"""Errors that end a run."""


class BenchError(Exception):
    """The run cannot go on; the message is for people."""


class WrongAnswerError(BenchError):
    """Something was answered wrongly, or the books are off: no figure of this run counts."""
