"""pgbench, from the embedded PostgreSQL: runs a script and reads what it says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from bench.errors import BenchError, WrongAnswerError
from sandbox.cluster import binaries
from sandbox.processes import clean_environment

SCRIPTS = Path(__file__).parent / "scripts"

_LINES = re.MULTILINE
_FIELDS = {
    "transactions": re.compile(r"^number of transactions actually processed: (\d+)", _LINES),
    "failed": re.compile(r"^number of failed transactions: (\d+)", _LINES),
    "latency": re.compile(r"^latency average = ([\d.]+) ms", _LINES),
    "rate": re.compile(r"^tps = ([\d.]+)", _LINES),
}
_PROGRESS = re.compile(r"^progress: [\d.]+ s, ([\d.]+) tps", _LINES)
_MOST_SECONDS = 120


@dataclass(frozen=True, slots=True)
class PgbenchResult:
    """The result of one run: transactions, their rate, their latency, the rates of its parts."""

    transactions: int
    rate: float
    latency_ms: float
    parts: tuple[float, ...] = ()


def run(
    script: str | Path,
    dsn: str,
    clients: int,
    *,
    seconds: int | None = None,
    calls: int | None = None,
    variables: Mapping[str, int | str],
    part_seconds: int | None = None,
) -> PgbenchResult:
    """Run a script with prepared statements, for a time or so many calls.

    It is one of the folder `scripts`, if only its name is given.

    With `part_seconds` the rate of each part that is so long is told, too.

    Raises:
        WrongAnswerError: A statement failed.
        BenchError: It did not come to an end.
    """
    path = SCRIPTS / f"{script}.pgb" if isinstance(script, str) else script
    length = ["--time", str(seconds)] if calls is None else ["--transactions", str(calls)]
    parts = [] if part_seconds is None else ["--progress", str(part_seconds)]
    command = [
        str(binaries() / "pgbench"),
        *("--no-vacuum", "--protocol", "prepared", "--file", str(path)),
        *("--client", str(clients), "--jobs", str(min(clients, 2)), *length, *parts),
        *(word for name, value in variables.items() for word in ("--define", f"{name}={value}")),
    ]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            check=False,
            text=True,
            env=clean_environment(_environment(dsn)),
            timeout=_MOST_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise BenchError(f"pgbench was not done with {path.name} in {_MOST_SECONDS} s") from None
    if done.returncode != 0:
        raise WrongAnswerError(f"pgbench failed on {path.name}:\n{done.stderr.strip()}")
    return parse(done.stdout, done.stderr)


def parse(output: str, progress: str = "") -> PgbenchResult:
    """Read a report of pgbench, and what it said on its way.

    Raises:
        WrongAnswerError: Transactions failed, or the report is not one.
    """
    found = {name: pattern.search(output) for name, pattern in _FIELDS.items()}
    values = {name: float(match[1]) for name, match in found.items() if match is not None}
    if values.keys() < _FIELDS.keys():
        raise WrongAnswerError(f"this is no report of pgbench:\n{output}")
    if values["failed"]:
        raise WrongAnswerError(f"{values['failed']:.0f} transactions failed:\n{output}")
    parts = tuple(map(float, _PROGRESS.findall(progress)))
    return PgbenchResult(int(values["transactions"]), values["rate"], values["latency"], parts)


def _environment(dsn: str) -> dict[str, str]:
    parts: dict[str, Any] = conninfo_to_dict(dsn)
    return {
        "PGHOST": str(parts["host"]),
        "PGPORT": str(parts["port"]),
        "PGUSER": str(parts["user"]),
        "PGPASSWORD": str(parts["password"]),
        "PGDATABASE": str(parts["dbname"]),
    }
