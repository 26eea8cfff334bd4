"""Check the bodies of all PL/pgSQL functions with plpgsql_check.

The extension is not in the embedded PostgreSQL. So this needs a server package with it, such as
Debian's postgresql-15-plpgsql-check, and says so if there is none.
"""

import sys
from pathlib import Path

import psycopg

from installation import fresh_installation

SERVERS = Path("/usr/lib/postgresql")
EXTENSIONS = Path("/usr/share/postgresql")

# A trigger function is checked for each trigger that calls it, with that trigger's tables. Not
# reported: a value that is cast on assignment (42804), as the literal of every enum is.
CHECK = """
    select distinct p.oid::regprocedure::text as function, f.level, f.lineno, f.message,
           coalesce(f.detail, '') as detail
    from pg_proc p
    join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
    left join pg_trigger t on t.tgfoid = p.oid and not t.tgisinternal
    cross join lateral plpgsql_check_function_tb(
        p.oid, coalesce(t.tgrelid, 0), fatal_errors => false, performance_warnings => false,
        extra_warnings => true, security_warnings => true,
        oldtable => t.tgoldtable, newtable => t.tgnewtable) f
    where p.pronamespace = any('{credits, gifts, reconcile}'::regnamespace[])
      and (f.level = 'error' or f.sqlstate <> '42804')
    order by 1, 3
"""


def newest_server() -> Path | None:
    """Return the programs of the newest installed server that has the extension."""
    controls = EXTENSIONS.glob("*/extension/plpgsql_check.control")
    versions = [int(path.parts[-3]) for path in controls if path.parts[-3].isdecimal()]
    usable = [SERVERS / str(version) / "bin" for version in sorted(versions) if version >= 15]
    return next((path for path in reversed(usable) if (path / "postgres").exists()), None)


def complaints(url: str) -> list[str]:
    """Return what the extension has to say about the functions of a deployed database."""
    with psycopg.connect(url) as connection:
        connection.execute("create extension plpgsql_check")
        rows = connection.execute(CHECK).fetchall()
    return [
        f"{function}, line {line}: {level}: {message} {detail}".rstrip()
        for function, level, line, message, detail in rows
    ]


def main() -> int:
    """Deploy to a server that has the extension, and print the complaints."""
    bin_dir = newest_server()
    if bin_dir is None:
        print("skipped: no PostgreSQL with plpgsql_check here (postgresql-15-plpgsql-check)")
        return 0
    with fresh_installation(bin_dir) as url:
        found = complaints(url)
    for complaint in found:
        print(complaint)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
