"""The queries of docs/handbook.md, executed: `make handbook` writes their results into the page.

Each block of SQL is followed by the block with what psql prints for it, and `make month-end` by
what it prints. A test executes them again
and compares.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from deploy.month_end import month_end
from installation import fresh_installation
from sandbox.cluster import binaries

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "handbook.md"
BOOKS = ROOT / "tests" / "docs" / "handbook.sql"

# The info string of a block says who executes it: ```sql or ```sql (service).
BLOCK = re.compile(r"```sql( \(service\))?\n(.*?)```\n\n```text\n(.*?)```\n", re.DOTALL)

# The books of a month, by the command above them.
MONTH = re.compile(r"(    make month-end MONTH=(\S+)\n\n```csv\n)(.*?)```\n", re.DOTALL)

Role = Literal["auditor", "service"]

# Where the clock of the books stands in the end.
OPTIONS = "-c handbook.now=2026-06-06T09:00Z -c timezone=UTC"


def write_books(connection: psycopg.Connection) -> None:
    """Fill an empty installation with the books that the page is about."""
    connection.execute(BOOKS.read_bytes())


def executed(page: str, logins: dict[Role, str]) -> str:
    """Return the page with each result replaced by what its query answers now.

    Args:
        page: The text of the page.
        logins: The URL of a login in each role.
    """

    def with_result(block: re.Match[str]) -> str:
        role: Role = "service" if block[1] else "auditor"
        result = _psql(logins[role], block[2])
        return f"```sql{block[1] or ''}\n{block[2]}```\n\n```text\n{result}```\n"

    def with_month(block: re.Match[str]) -> str:
        return f"{block[1]}{month_end(logins['auditor'], block[2])}```\n"

    # One after the other, as they stand on the page: some of them change the books.
    found = sorted([*BLOCK.finditer(page), *MONTH.finditer(page)], key=re.Match.start)
    for block in found:
        answered = (with_result if block.re is BLOCK else with_month)(block)
        page = page.replace(block[0], answered, 1)
    return page


def queries(page: str) -> list[str]:
    """Return the SQL of every block of the page, those without a result included."""
    return re.findall(r"```sql.*?\n(.*?)```", page, re.DOTALL)


def _psql(url: str, query: str) -> str:
    """Return what psql prints for a query, without spaces at line ends."""
    password = conninfo_to_dict(url)["password"]
    done = subprocess.run(
        [
            binaries() / "psql",
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            make_conninfo(url, password=None),
        ],
        input=query,
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "PGPASSWORD": str(password), "PGOPTIONS": OPTIONS, "LC_ALL": "C.UTF-8"},
        text=True,
    )
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.rstrip().splitlines())


def main() -> None:
    """Write the results into the page."""
    with fresh_installation() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            write_books(connection)
            for role in ("auditor", "service"):
                connection.execute(
                    f"create role {role} login password 'handbook' in role credits_{role}"
                )
        logins: dict[Role, str] = {
            role: make_conninfo(url, user=role, password="handbook")  # noqa: S106
            for role in ("auditor", "service")
        }
        PAGE.write_text(executed(PAGE.read_text(encoding="utf-8"), logins), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
