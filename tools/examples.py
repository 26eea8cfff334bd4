"""The examples, run against a local stack: `make examples` writes their output beside them.

A test runs them again and compares. What differs from run to run (ids, times, codes, addresses) is
written as a word in angle brackets.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx

from sandbox.banner import exports, people
from sandbox.cluster import binaries
from sandbox.configuration import Configuration
from sandbox.processes import clean_environment
from sandbox.servers import free_port
from sandbox.stack import Stack
from sandbox.stopping import StopSignals

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "examples"

# Whoever runs PostgreSQL for us must be able to get there.
_OPEN_FOLDER = 0o755
_WELCOME = 100
_SECONDS = 60
# Some programs read the one, some the other.
_HERE = dict.fromkeys(("NO_PROXY", "no_proxy"), "localhost,127.0.0.1") | {"TZ": "UTC"}
# In this order: a code must not be taken for part of something longer.
_VARYING = (
    (re.compile(r"http://(?:localhost|127\.0\.0\.1):(?!3000)\d+"), "<address>"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)"), "<time>"),
    (re.compile(r"\b(?:cs|pi)_[A-Za-z0-9_]+"), "<payment>"),
    (re.compile(r"\b[a-z]+-\d+-\d+(?:-[\d.]+)?\b(?=\")"), "<key>"),
    (re.compile(r"\b[A-HJ-NP-Z2-9]{10}\b"), "<code>"),
)


@dataclass(frozen=True)
class Example:
    """One example; its golden output is the file beside it that ends in `.out`."""

    path: Path

    @property
    def name(self) -> str:
        """Language and name, such as curl/1-balance."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def golden(self) -> Path:
        """The file with what it is known to print."""
        return self.path.with_suffix(".out")

    @property
    def missing(self) -> str | None:
        """The missing program that runs it, or None."""
        language = self.path.parent.name
        if language == "typescript" and node() is None:
            return "Node.js 22.18 or newer, which runs TypeScript"
        if language in ("curl", "psql") and shutil.which("curl") is None:
            return "curl"
        return None


def examples() -> list[Example]:
    """Return all examples, each language's in their order."""
    return [Example(path) for path in sorted(FOLDER.glob("*/[1-9]-*")) if path.suffix != ".out"]


@cache
def node() -> str | None:
    """Return a Node.js that runs TypeScript as it is: the one on the PATH, else Playwright's."""
    return next((path for path in _nodes() if _strips_types(path)), None)


@contextmanager
def local_stack() -> Iterator[Stack]:
    """Start a stack that is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="mana-examples-") as folder:
        Path(folder).chmod(_OPEN_FOLDER)
        port = free_port()
        configuration = Configuration(Path(folder), port, f"http://localhost:{port}")
        with Stack(configuration, _silent, StopSignals()) as stack:
            service = FOLDER / "psql" / "0-service.sql"
            subprocess.run(_psql(stack.admin_database, service), cwd=ROOT, check=True)
            yield stack


def _silent(_text: str) -> None:
    pass


def output(stack: Stack, example: Example) -> str:
    """Run an example with people and a guild of its own, and return what it prints.

    Raises CalledProcessError if it fails.
    """
    variables = exports(stack) | _fresh_people(stack, example.name.replace("/", "-"))
    done = subprocess.run(
        _command(example, variables),
        cwd=ROOT,
        env=clean_environment({**variables, **_HERE}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=True,
    )
    return _normalized(done.stdout, variables)


def _fresh_people(stack: Stack, name: str) -> dict[str, str]:
    """Return the variables of an alice with 100 credits and a bob in a guild of hers."""
    alice, bob, guild = f"alice.{name}", f"bob.{name}", f"guild.{name}"
    stack.issuer.set_member(guild, alice, "owner")
    stack.issuer.set_member(guild, bob, "member")
    with httpx.Client(
        base_url=f"{stack.api_url}/internal",
        headers={"X-Service-Key": stack.issuer.service_key},
        trust_env=False,
    ) as service:
        grant = {
            "userId": alice,
            "amount": _WELCOME,
            "reason": "welcome",
            "referenceId": "welcome",
            "description": "To begin with",
        }
        service.post("/credits/grant", json=grant).raise_for_status()
        service.post("/guild-pool/init", json={"organizationId": guild}).raise_for_status()
    return {**people(stack.issuer, alice, bob), "GUILD": guild}


def _command(example: Example, variables: dict[str, str]) -> list[str]:
    file = str(example.path.relative_to(ROOT))
    match example.path.suffix:
        case ".sh":
            return ["/bin/sh", file]
        case ".py":
            return [sys.executable, file]
        case ".ts":
            return [node() or "node", file]
    # Only a DBA puts packages on sale.
    login = "ADMIN" if example.path.stem == "5-buy" else "SERVICE"
    return _psql(variables[f"{login}_DATABASE_URL"], example.path)


def _psql(url: str, file: Path) -> list[str]:
    return [str(binaries() / "psql"), "-X", "-q", url, "-f", str(file.relative_to(ROOT))]


def _normalized(text: str, variables: dict[str, str]) -> str:
    for variable, word in (("ALICE_ID", "alice"), ("BOB_ID", "bob"), ("GUILD", "demo-guild")):
        text = text.replace(variables[variable], word)
    for pattern, word in _VARYING:
        text = pattern.sub(word, text)
    # Where curl's own words stand among the others is chance: they do not pass the same buffer.
    lines = [line.rstrip() for line in text.splitlines() if not line.startswith("curl: (22)")]
    return "\n".join(lines) + "\n"


def _nodes() -> Iterator[str]:
    if on_path := shutil.which("node"):
        yield on_path
    try:
        # Its browsers are driven by a Node.js that comes along in the wheel.
        from playwright._impl._driver import compute_driver_executable
    except ImportError:
        return
    yield compute_driver_executable()[0]


def _strips_types(path: str) -> bool:
    probe = [path, "--print", "process.features.typescript"]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    return done.stdout.strip() == "strip"


def main() -> int:
    """Write the output of every example that can run here."""
    with local_stack() as stack:
        for example in examples():
            if example.missing:
                print(f"{example.name}: left as it is, without {example.missing}")
                continue
            try:
                example.golden.write_text(output(stack, example), encoding="utf-8")
            except subprocess.CalledProcessError as error:
                print(f"{example.name} failed:\n{error.output}", file=sys.stderr)
                return 1
            print(example.name, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
