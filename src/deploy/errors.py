"""Errors that stop a deployment, each in one line."""

from pathlib import Path

import psycopg


class DeploymentError(Exception):
    """A deployment cannot go on; the message is one line that says why and what to do."""


class UnreachableError(DeploymentError):
    """The database that a URL names cannot be reached."""


def one_line(error: psycopg.Error) -> str:
    """Describe a database error in one line, with its SQLSTATE, detail and hint if any."""
    diag = error.diag
    primary = diag.message_primary or str(error)
    parts = [" ".join(part.split()) for part in (primary, diag.message_detail) if part]
    if diag.message_hint:
        parts.append(f"hint: {' '.join(diag.message_hint.split())}")
    told = "; ".join(parts)
    return f"{told} (SQLSTATE {error.sqlstate})" if error.sqlstate else told


def in_file(path: Path, error: psycopg.Error, text: str | None = None) -> DeploymentError:
    """Name the file that a database error came from.

    Args:
        path: The file whose statements failed.
        error: The database's error.
        text: The whole text that was sent, if it was sent as one: it gives the line number.
    """
    position = error.diag.statement_position
    line = f":{text.count(chr(10), 0, int(position) - 1) + 1}" if text and position else ""
    if error.sqlstate == "55P03":
        return DeploymentError(
            f"{path}{line}: a lock could not be obtained in time: "
            "run again when the long transaction that holds it has ended"
        )
    return DeploymentError(f"{path}{line}: {one_line(error)}")
