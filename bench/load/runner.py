"""Starts the load and reads what it says."""

from __future__ import annotations

import json
import math
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import WrongAnswerError
from sandbox.processes import clean_environment

_ROOT = Path(__file__).resolve().parent.parent.parent
_SCRIPT = Path(__file__).with_name("wrk.lua")
_RESULT = re.compile(r"^RESULT (\{.*\})$", re.MULTILINE)
_SLACK_SECONDS = 60


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The outcome of one load.

    Attributes:
        answers: Requests that were answered, all of them with 200.
        seconds: The time that it took.
        p50_ms: Median latency.
        p99_ms: 99th percentile of it.
        unanswered: The most requests that may have had an effect without being counted.
    """

    answers: int
    seconds: float
    p50_ms: float
    p99_ms: float
    unanswered: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


def find_wrk() -> str | None:
    """Return where wrk is, None where it is not installed or BENCH_LOAD asks for our own."""
    return None if os.environ.get("BENCH_LOAD") == "own" else shutil.which("wrk")


def run(file: Path, ports: Sequence[int], connections: int, seconds: float) -> LoadResult:
    """Send the requests of a file over so many connections, shared out among the ports.

    Raises:
        WrongAnswerError: An answer was not 200, or a connection broke.
    """
    each = max(1, connections // len(ports))
    loads = [
        subprocess.Popen(
            _command(file, port, each, seconds),
            cwd=_ROOT,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for port in ports
    ]
    try:
        outputs = [load.communicate(timeout=seconds + _SLACK_SECONDS)[0] for load in loads]
    except subprocess.TimeoutExpired:
        raise WrongAnswerError(f"the load was not answered within {_SLACK_SECONDS} s") from None
    finally:
        for load in loads:
            load.kill()
            load.wait()
    unanswered = 0 if find_wrk() is None else each
    return together([parse(output, unanswered) for output in outputs])


def parse(output: str, unanswered: int = 0) -> LoadResult:
    """Read the line that a load ends with.

    Raises:
        WrongAnswerError: There is none, or something was not answered as it should.
    """
    match = _RESULT.search(output)
    if match is None:
        raise WrongAnswerError(f"the load said nothing of what it did:\n{output}")
    said = json.loads(match[1])
    if said["refused"] or said["broken"] or not said["answers"]:
        raise WrongAnswerError(f"not everything was answered with 200: {match[1]}")
    return LoadResult(said["answers"], said["seconds"], said["p50_ms"], said["p99_ms"], unanswered)


def together(loads: Sequence[LoadResult]) -> LoadResult:
    """Add up loads that ran at the same time; of the latencies the worst count."""
    return LoadResult(
        answers=sum(load.answers for load in loads),
        seconds=max(load.seconds for load in loads),
        p50_ms=max(load.p50_ms for load in loads),
        p99_ms=max(load.p99_ms for load in loads),
        unanswered=sum(load.unanswered for load in loads),
    )


def _command(file: Path, port: int, connections: int, seconds: float) -> list[str]:
    unique = secrets.token_hex(4)
    wrk = find_wrk()
    if wrk is not None:
        # It takes whole seconds.
        return [
            wrk,
            *("--threads", "1", "--connections", str(connections)),
            *("--duration", f"{math.ceil(seconds)}s", "--script", str(_SCRIPT)),
            f"http://127.0.0.1:{port}/",
            *("--", str(file), unique),
        ]
    return [
        *(sys.executable, "-m", "bench.load.generator", "--file", str(file)),
        *("--port", str(port), "--connections", str(connections)),
        *("--seconds", str(seconds), "--run", unique),
    ]
