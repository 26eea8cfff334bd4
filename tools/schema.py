"""What a fresh installation looks like: its tables, and who may do what in it.

`make schema` writes both to files, which the tests compare with a database that was just deployed:
so that every change of either is seen in a diff.
"""

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from installation import fresh_installation
from sandbox.cluster import binaries

ROOT = Path(__file__).resolve().parent.parent
SCHEMA_FILE = ROOT / "db" / "schema.sql"
PRIVILEGES_FILE = ROOT / "tests" / "deploy" / "privileges.txt"

# Lines of a dump that say nothing of the schema, or differ between two runs.
SESSION = re.compile(r"--|SET |SELECT pg_catalog\.set_config|\\(un)?restrict ")

# What has a file of its own in db/functions, in the list that pg_restore makes of an archive.
HAS_A_FILE = re.compile(r"\d+; \d+ \d+ (FUNCTION|VIEW|COMMENT \S+ (FUNCTION|VIEW)) ")

RIGHTS = """
    with role (name) as (
        values ('credits_api'), ('credits_service'), ('credits_auditor'), ('public')
    ),
    ours as (
        select oid, nspname from pg_namespace
        where nspname <> 'information_schema' and nspname not like 'pg\\_%'
    ),
    object (kind, name, rights) as (
        select 'schema', nspname::text, array['usage', 'create'] from ours
        union all
        select case c.relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end,
               c.oid::regclass::text,
               case c.relkind
                   when 'S' then array['usage', 'select', 'update']
                   else array['select', 'insert', 'update', 'delete', 'truncate', 'references',
                              'trigger']
               end
        from pg_class c
        join ours on ours.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union all
        select 'function', p.oid::regprocedure::text, array['execute']
        from pg_proc p
        join ours on ours.oid = p.pronamespace
    )
    select o.kind, o.name, r.name, string_agg(u.right_name, '+' order by u.position)
    from object o
    cross join role r
    left join unnest(o.rights) with ordinality as u (right_name, position)
        on case o.kind
               when 'schema' then has_schema_privilege(r.name, o.name, u.right_name)
               when 'function' then has_function_privilege(r.name, o.name, u.right_name)
               when 'sequence' then has_sequence_privilege(r.name, o.name, u.right_name)
               else has_table_privilege(r.name, o.name, u.right_name)
                    or u.right_name in ('select', 'insert', 'update', 'references')
                       and has_any_column_privilege(r.name, o.name, u.right_name)
           end
    group by o.kind, o.name, r.name
    order by o.kind collate "C", o.name collate "C", r.name
"""
ROLES = """
    select r.rolname,
           concat_ws(
               ', ',
               case when r.rolcanlogin then 'login' else 'nologin' end,
               case when r.rolsuper then 'superuser' end,
               case when r.rolcreaterole then 'createrole' end,
               case when r.rolcreatedb then 'createdb' end,
               case when r.rolreplication then 'replication' end,
               case when r.rolbypassrls then 'bypassrls' end,
               case when a.rolpassword is not null then 'password' end,
               (select 'member of ' || string_agg(m.roleid::regrole::text, '+')
                from pg_auth_members m where m.member = r.oid)
           )
    from pg_roles r
    join pg_authid a on a.oid = r.oid
    where r.rolname like 'credits\\_%'
    order by r.rolname
"""
DUMP_HEADER = (
    "-- The tables of a fresh installation, as PostgreSQL tells them. Written by `make schema`.\n\n"
)
HEADER = """\
# Who may do what: every object that is not PostgreSQL's own, and the rights of each role on it,
# its own or everybody's (public). Written by `make schema`.

"""


def dump(url: str) -> str:
    """Return tables, types, indexes, constraints and triggers of a database as SQL, with comments.

    Left out are the deployment's own bookkeeping, functions and views, which have files, and
    privileges, which have the matrix.
    """
    options = ("--schema-only", "--no-privileges", "--exclude-schema=deployment")
    with tempfile.TemporaryDirectory() as folder:
        archive, listed = Path(folder) / "archive", Path(folder) / "list"
        _run("pg_dump", *options, "--format=custom", "--file", archive, url)
        entries = _run("pg_restore", "--list", archive).splitlines(keepends=True)
        listed.write_text("".join(entry for entry in entries if not HAS_A_FILE.match(entry)))
        text = _run("pg_restore", "--no-owner", "--use-list", listed, "--file=-", archive)
    kept: list[str] = []
    for line in map(str.rstrip, text.splitlines()):
        if not SESSION.match(line) and (line or (kept and kept[-1])):
            kept.append(line)
    return DUMP_HEADER + "\n".join(kept).strip() + "\n"


def _run(program: str, *arguments: str | Path) -> str:
    command = [binaries() / program, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def privileges(connection: psycopg.Connection[Any]) -> str:
    """Return the roles and the rights on each object, as a superuser's connection sees them."""
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        lines = [f"role {name}: {attributes}" for name, attributes in cursor.execute(ROLES)]
        holders: dict[str, list[str]] = {}
        for kind, name, role, rights in cursor.execute(RIGHTS):
            entry = holders.setdefault(f"{kind} {name}", [])
            if rights:
                entry.append(f"{role} {rights}")
    lines += [f"{name}: {', '.join(entry) or 'nobody'}" for name, entry in holders.items()]
    return HEADER + "\n".join(lines) + "\n"


def main() -> None:
    """Write both files."""
    with fresh_installation() as url:
        SCHEMA_FILE.write_text(dump(url), encoding="utf-8")
        with psycopg.connect(url) as connection:
            PRIVILEGES_FILE.write_text(privileges(connection), encoding="utf-8")
    for path in (SCHEMA_FILE, PRIVILEGES_FILE):
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
