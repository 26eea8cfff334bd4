"""Run every gate that a change has to pass, and say of each that fails how to mend it.

`make check` runs this, and so does CI.
"""

import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

# Gates that take so long that their output is shown as it comes.
SHOWN = ("broken rules", "tests")


@dataclass(frozen=True, slots=True)
class Gate:
    """Commands that must all succeed."""

    name: str
    commands: Sequence[Sequence[str | Path]]
    remedy: str


def gates() -> list[Gate]:
    """Return the gates, the quick ones first and the tests last."""
    migrations = sorted((ROOT / "db" / "migrations").glob("*.sql"))
    others = [
        *(ROOT / "db" / "functions").rglob("*.sql"),
        *(ROOT / "db" / "triggers").rglob("*.sql"),
    ]
    return [
        Gate("format", [[BIN / "ruff", "format", "--check", "--quiet", "."]], "run `make format`"),
        Gate(
            "lint",
            [[BIN / "ruff", "check", "--quiet", "."]],
            "`make format` mends what can be mended by itself",
        ),
        Gate("types", _type_checks(), "give every value the type that it has"),
        Gate(
            "unsafe migrations",
            [[BIN / "squawk", *migrations]],
            "follow its advice, or give the reason for an exception in .squawk.toml",
        ),
        Gate(
            "hijackable SQL",
            [_pgspot(migrations + sorted(others))],
            "qualify the name, or pin the function's search_path (pg_catalog, pg_temp)",
        ),
        Gate(
            "function bodies",
            [[sys.executable, "tools/check_functions.py"]],
            "mend the line of the function's body",
        ),
        Gate(
            "broken rules",
            [[sys.executable, "tools/mutations.py"]],
            "mend the tests named there, or the mutant in tools/mutants.py",
        ),
        Gate("tests", [["make", "--no-print-directory", "test"]], "`make test` runs them alone"),
    ]


def _type_checks() -> list[list[str | Path]]:
    """Check the packages, those of tests included, and each other folder of tests by itself.

    Modules of folders that are no packages may share names.
    """
    mypy = BIN / "mypy"
    tests = ROOT / "tests"
    folders = sorted({path.parent for path in tests.rglob("*.py")} - {tests})
    packages = [folder for folder in folders if (folder / "__init__.py").exists()]
    alone = [folder for folder in folders if folder not in packages]

    def checked(paths: Iterable[Path]) -> list[str | Path]:
        return [mypy, *paths]

    helpers = [*(ROOT / "tools").glob("*.py"), *tests.glob("*.py")]
    return [
        [mypy],
        checked(helpers),
        checked(sorted((ROOT / "examples" / "python").glob("*.py"))),
        checked(path for folder in packages for path in folder.glob("*.py")),
        *(checked(folder.glob("*.py")) for folder in alone),
    ]


def _pgspot(files: list[Path]) -> list[str | Path]:
    """Ask after what a caller could hijack by temporary objects or objects of the same name.

    Unqualified names in what the deployer runs cannot be: it pins the search path (PS001, PS016,
    PS017). So does every function that is called from outside, and the helpers run under the path
    of those; a test holds them to that (PS005). Only the deployer may make schemas (PS010).
    """
    ignored = ("PS001", "PS005", "PS010", "PS016", "PS017")
    prelude = ROOT / "tools" / "deployment_search_path.sql"
    options = [word for code in ignored for word in ("--ignore", code)]
    return [BIN / "pgspot", "--no-plpgsql", *options, "--append", prelude, *files]


def passes(gate: Gate) -> bool:
    """Run a gate; show what its commands print, at once where it is long, else if they fail."""
    shown = gate.name in SHOWN
    print(f"{gate.name} ...", end="\n" if shown else " ", flush=True)
    started = time.monotonic()
    for command in gate.commands:
        done = subprocess.run(
            command,
            cwd=ROOT,
            check=False,
            stdout=None if shown else subprocess.PIPE,
            stderr=None if shown else subprocess.STDOUT,
            text=True,
        )
        if done.returncode != 0:
            print(f"failed\n{done.stdout or ''}", end="")
            return False
        if done.stdout and done.stdout.startswith("skipped"):
            print(done.stdout, end="")
            return True
    print(f"passed ({time.monotonic() - started:.0f} s)")
    return True


def main() -> int:
    """Run all gates, also after one has failed; return 1 if any has."""
    failed = [gate for gate in gates() if not passes(gate)]
    for gate in failed:
        print(f"FAILED: {gate.name}: {gate.remedy}")
    if not failed:
        print("every gate passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
