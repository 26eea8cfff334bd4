"""Run every gate that a change has to pass, and say of each that fails how to mend it.

`make check` runs this, and so does CI. `make check-all` adds what takes longer: `--all`.
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# schemathesis takes seconds to import, and only nightly tests use it.
WITHOUT_NIGHTLY = ["-m", "not nightly", "-p", "no:schemathesis"]
# Seconds in which a part of check-all ends its processes, when its time is up.
GRACE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Gate:
    """A command that must succeed."""

    name: str
    command: Sequence[str | Path]
    remedy: str


def quick_gates() -> list[Gate]:
    """Return the gates that print little and use one core."""
    migrations = sorted((ROOT / "db" / "migrations").glob("*.sql"))
    others = [
        *(ROOT / "db" / "functions").rglob("*.sql"),
        *(ROOT / "db" / "triggers").rglob("*.sql"),
    ]
    return [
        Gate("types", [BIN / "mypy"], "give every value the type that it has"),
        Gate(
            "function bodies",
            [sys.executable, "tools/check_functions.py"],
            "mend the line of the function's body",
        ),
        # Beside the types, which use one core: the workers then find every module compiled.
        Gate(
            "imports of the tests",
            [BIN / "pytest", "--collect-only", "-qq", *WITHOUT_NIGHTLY],
            "mend the module that cannot be imported",
        ),
        Gate(
            "hijackable SQL",
            _pgspot(migrations + sorted(others)),
            "qualify the name, or pin the function's search_path (pg_catalog, pg_temp)",
        ),
        Gate(
            "unsafe migrations",
            [BIN / "squawk", *migrations],
            "follow its advice, or give the reason for an exception in .squawk.toml",
        ),
        Gate("format", [BIN / "ruff", "format", "--check", "--quiet", "."], "run `make format`"),
        Gate(
            "lint",
            [BIN / "ruff", "check", "--quiet", "."],
            "`make format` mends what can be mended by itself",
        ),
    ]


def gates() -> list[Gate]:
    """Return the gates that take long, use every core, and show what they do."""
    return [
        _tests("tests", shlex.join(WITHOUT_NIGHTLY)),
        Gate(
            "some broken rules",
            [sys.executable, "tools/mutations.py", "--sample"],
            "mend the tests named there, or the mutant in tools/mutants.py",
        ),
    ]


def nightly_gates() -> list[Gate]:
    """Return what check-all has besides, in the order of what is most likely to fail."""
    return [
        _tests("nightly tests", "-m nightly"),
        Gate(
            "all broken rules",
            [sys.executable, "tools/mutations.py"],
            "mend the tests named there, or the mutant in tools/mutants.py",
        ),
        *(
            _tests(
                f"PostgreSQL {version}",
                shlex.join(["tests/sql", "tests/deploy", *WITHOUT_NIGHTLY]),
                f"PG={version}",
            )
            for version in (15, 16, 17)
        ),
    ]


def _tests(name: str, arguments: str, *variables: str) -> Gate:
    words = ["test", *variables, f"ARGS={arguments}"]
    remedy = f'`make {" ".join(words[:-1])} ARGS="{arguments}"` runs them alone'
    return Gate(name, ["make", "--no-print-directory", *words], remedy)


def _pgspot(files: list[Path]) -> list[str | Path]:
    """Return the search for names that a caller's own objects could take the place of.

    Unqualified names in what the deployer runs cannot be: it pins the search path (PS001, PS016,
    PS017). So does every function that is called from outside, and the helpers run under the path
    of those; a test holds them to that (PS005). Only the deployer may make schemas (PS010).
    """
    ignored = ("PS001", "PS005", "PS010", "PS016", "PS017")
    prelude = ROOT / "tools" / "deployment_search_path.sql"
    options = [word for code in ignored for word in ("--ignore", code)]
    return [BIN / "pgspot", "--no-plpgsql", *options, "--append", prelude, *files]


def pass_together(together: Sequence[Gate]) -> Iterator[Gate]:
    """Run gates side by side; show what a failing one printed; yield those that fail."""

    def run(gate: Gate) -> tuple[Gate, subprocess.CompletedProcess[str], float]:
        started = time.monotonic()
        done = subprocess.run(
            gate.command,
            cwd=ROOT,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return gate, done, time.monotonic() - started

    with ThreadPoolExecutor(os.cpu_count() or 1) as executor:
        for gate, done, seconds in executor.map(run, together):
            if done.returncode != 0:
                print(f"{gate.name} ... failed\n{done.stdout}", end="", flush=True)
                yield gate
            elif done.stdout.startswith("skipped"):
                print(f"{gate.name} ... {done.stdout}", end="", flush=True)
            else:
                print(f"{gate.name} ... passed ({seconds:.0f} s)", flush=True)


def passes(gate: Gate, deadline: float | None = None) -> bool | None:
    """Run a gate, showing what it prints; return None if its time was up before its end."""
    print(f"{gate.name} ...", flush=True)
    started = time.monotonic()
    left = None if deadline is None else deadline - started
    # A part that is ended early has told of no failure: the first one ends it.
    options = os.environ.get("PYTEST_ADDOPTS", "") + (" --exitfirst" if deadline else "")
    with subprocess.Popen(
        gate.command,
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": options},
        start_new_session=True,
    ) as running:
        try:
            status = running.wait(left)
        except BaseException as error:
            _end(running)
            if isinstance(error, subprocess.TimeoutExpired):
                return None
            raise
    print(
        f"{gate.name} ... {'failed' if status else f'passed ({time.monotonic() - started:.0f} s)'}"
    )
    return status == 0


def _end(running: subprocess.Popen[bytes]) -> None:
    """Interrupt a gate and all that it has started."""
    os.killpg(running.pid, signal.SIGINT)
    try:
        running.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)


def main() -> int:
    """Run all gates, also after one has failed; return 1 if any has."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="also what takes longer")
    parser.add_argument("--minutes", type=float, help="what takes longer ends after so many")
    options = parser.parse_args()
    deadline = options.minutes and time.monotonic() + 60 * options.minutes
    failed = list(pass_together(quick_gates()))
    failed += [gate for gate in gates() if not passes(gate)]
    left_out = []
    for gate in nightly_gates() if options.all else []:
        passed = None if deadline and time.monotonic() > deadline else passes(gate, deadline)
        if passed is None:
            left_out.append(gate.name)
        elif not passed:
            failed.append(gate)
    for gate in failed:
        print(f"FAILED: {gate.name}: {gate.remedy}")
    if left_out:
        print(f"not run to the end in {options.minutes:g} minutes: {', '.join(left_out)}")
    if not failed:
        print("every other gate passed" if left_out else "every gate passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
