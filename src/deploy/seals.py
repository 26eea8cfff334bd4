"""Exporting how the ledgers' hash chains stand, and comparing the ledgers with an export.

An export is a CSV file with a line for each ledger, and for the support desk's acts on each
account. It has the ledger, its account, the number of rows, the last of them and the hash up to it.
The SHA-256 of the file itself stands for all of them.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import errors

from deploy.connection import connect
from deploy.errors import DeploymentError, one_line
from deploy.progress import Progress, counted

COLUMNS = ("ledger", "account", "sequence", "id", "hash")

HEADS_A_CALL = 10_000


def export_seals(url: str, path: Path, progress: Progress | None = None) -> str:
    """Write how the hash chain of each ledger stands now to a CSV file.

    Args:
        url: Names the database and a role that may read it (`credits_auditor`).
        path: The file to write; one that is there is left alone.
        progress: Told how many ledgers there are, and the hash.

    Returns:
        The SHA-256 of the file, in hexadecimal digits.

    Raises:
        DeploymentError: The ledgers cannot be read, or the file cannot be written.
    """
    progress = progress or Progress()
    with _session(url) as connection:
        heads = connection.execute("select * from credits.export_seals()").fetchall()
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([COLUMNS, *heads])
    content = text.getvalue().encode()
    try:
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise DeploymentError(f"{path} cannot be written: {error.strerror}") from error
    digest = hashlib.sha256(content).hexdigest()
    progress.say(f"{counted(len(heads), 'ledger')} exported")
    progress.say(f"sha256 {digest}")
    return digest


def compare_seals(url: str, path: Path, progress: Progress | None = None) -> bool:
    """Name the ledgers that no longer pass through an export.

    Args:
        url: Names the database and a role that may read it (`credits_auditor`).
        path: A file that `export_seals` wrote.
        progress: Told each ledger that was changed, then how many there were and the file's hash.

    Returns:
        True if none was.

    Raises:
        DeploymentError: The ledgers or the file cannot be read.
    """
    progress = progress or Progress()
    content = _read(path)
    heads = _heads(content, path)
    changed = 0
    with _session(url) as connection:
        for start in range(0, len(heads), HEADS_A_CALL):
            found = connection.execute(
                "select ledger, account, sequence, expected, actual "
                "from credits.compare_seals(%s::jsonb)",
                (json.dumps(heads[start : start + HEADS_A_CALL]),),
            )
            for ledger, account, sequence, expected, actual in found:
                changed += 1
                progress.say(
                    f"{ledger} ledger of {account}, rows 1 to {sequence}: "
                    f"exported as {expected}, now {actual}"
                )
    result = f"{changed} changed" if changed else "none changed"
    progress.say(f"{counted(len(heads), 'ledger')} compared, {result}")
    progress.say(f"sha256 {hashlib.sha256(content).hexdigest()}")
    return not changed


@contextmanager
def _session(url: str) -> Iterator[psycopg.Connection]:
    try:
        with connect(url) as connection:
            yield connection
    except (errors.UndefinedFunction, errors.InvalidSchemaName) as error:
        raise DeploymentError("there are no ledgers: run the deployment first") from error
    except psycopg.Error as error:
        raise DeploymentError(one_line(error)) from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DeploymentError(f"{path} cannot be read: {error.strerror}") from error


def _heads(content: bytes, path: Path) -> list[dict[str, str]]:
    try:
        lines = csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True)
        heads = list(lines)
    except (UnicodeDecodeError, csv.Error) as error:
        raise DeploymentError(f"{path} is not an export of seals") from error
    if tuple(lines.fieldnames or ()) != COLUMNS:
        raise DeploymentError(f"{path} is not an export of seals")
    return heads
