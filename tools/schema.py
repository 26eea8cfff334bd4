"""What a fresh installation looks like: its schema, and the definition of everything in it.

`make schema` writes both to files, which the tests compare with a database that was just deployed:
so that every change of either is seen in a diff.
"""

import subprocess
from pathlib import Path

import psycopg

from deploy.checkout import FILE, find, tell
from deploy.deployment import DATABASE_FOLDER
from deploy.record import Definitions
from installation import fresh_installation
from sandbox.cluster import binaries

ROOT = Path(__file__).resolve().parent.parent
SCHEMA_FILE = ROOT / "db" / "schema.sql"
DEFINITIONS_FILE = DATABASE_FOLDER / FILE

# Debian's programs of the oldest version that we know.
OLDEST = Path("/usr/lib/postgresql/15/bin")

# Lines of a dump that differ between versions of pg_dump, or between two runs of one.
VARYING = ("-- Dumped ", "\\restrict ", "\\unrestrict ")


def dump(url: str) -> str:
    """Return the schema of a database as SQL, privileges and comments included.

    The deployment's own bookkeeping is left out.
    """
    done = subprocess.run(
        [binaries() / "pg_dump", "--schema-only", "--exclude-schema=deployment", url],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = (line.rstrip() for line in done.stdout.splitlines() if not line.startswith(VARYING))
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip() + "\n"


def definitions(url: str) -> Definitions:
    """Return the definition of everything that a deployment has made."""
    with psycopg.connect(url) as connection:
        return find(connection, DATABASE_FOLDER)


def main() -> None:
    """Write both files."""
    with fresh_installation() as url:
        SCHEMA_FILE.write_text(dump(url), encoding="utf-8")
        found = [definitions(url)]
    if OLDEST.is_dir():
        with fresh_installation(OLDEST) as url:
            found.append(definitions(url))
    else:
        print(f"{OLDEST} is not there: how PostgreSQL 15 tells what it tells otherwise is left out")
    DEFINITIONS_FILE.write_text(tell(DATABASE_FOLDER, found), encoding="utf-8")
    for path in (SCHEMA_FILE, DEFINITIONS_FILE):
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
