"""The record of a deployment: the definition of everything that was there when it ended.

`reconcile.protection_off` compares the database with it. A change by hand since the last deployment
that this one does not undo is not taken for something that was deployed. It stays reported until it
is put right.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg
from psycopg import errors

from deploy.progress import Progress
from deploy.sources import LEDGER, OWNER

Key = tuple[str, str]
Definitions = dict[Key, str]

READ = "select kind, object, definition from credits.deployed"
READ_OWN = "select object, definition from credits.deployed where kind = 'deployment'"
READ_NEWEST = "select max(migration) from deployment.migration_checksums"
FIND = "select kind, object, definition from credits._definitions()"

# Its text may change with the server's version alone.
SERVER = ("server", "version")
# A deployment makes all of them anew, so whatever they are in the end comes from the files.
MADE_ANEW = {"function", "view"}
# Rows of the record about the deployment itself.
OWN = "deployment"
NEWEST = (OWN, "newest migration")
TRIGGERS_OF = "triggers of "

# Before the first deployment, or the first one that keeps a record; the login is no owner yet.
NO_RECORD = (errors.UndefinedTable, errors.UndefinedFunction, errors.InvalidSchemaName)
NO_OWNER = (errors.InvalidParameterValue, errors.InsufficientPrivilege)


@dataclass(frozen=True, slots=True)
class Record:
    """The record of the last deployment, and what was there when this one began."""

    deployed: Definitions = field(default_factory=dict)
    found: Definitions = field(default_factory=dict)
    newest_migration: str = ""

    @property
    def triggers(self) -> dict[str, str]:
        """The hash that the triggers of each table had."""
        return {
            name.removeprefix(TRIGGERS_OF): definition
            for (kind, name), definition in self.deployed.items()
            if kind == OWN and name.startswith(TRIGGERS_OF)
        }

    def by_hand(self) -> set[Key]:
        """Return what was changed since the last deployment, as far as that can be told.

        It cannot where the server was upgraded, or where a deployment applied migrations and then
        stopped.
        """
        same_server = self.deployed.get(SERVER) == self.found.get(SERVER)
        if not same_server or self.deployed.get(NEWEST) != self.newest_migration:
            return set()
        return {
            key
            for key in self.deployed.keys() | self.found.keys()
            if key[0] != OWN and self.deployed.get(key) != self.found.get(key)
        }


def read(connection: psycopg.Connection) -> Record:
    """Return the record and what is there now; both are empty before there is a record."""
    with connection.transaction():
        try:
            with connection.transaction():
                connection.execute("set local role credits_owner")
        except NO_OWNER:
            return Record()
        return _read(connection)


def read_own(connection: psycopg.Connection) -> dict[str, str]:
    """Return what the record says of the deployment: of which files, by which login and when."""
    try:
        return dict(connection.execute(READ_OWN).fetchall())
    except NO_RECORD:
        return {}


def write(
    connection: psycopg.Connection,
    before: Record,
    files: str,
    triggers: dict[str, str],
    progress: Progress,
) -> None:
    """Record what is there now, but for what somebody else has changed.

    Args:
        connection: In a transaction, as the role that owns everything.
        before: The definitions that were there before the deployment.
        files: The fingerprint of the files that were deployed.
        triggers: For each table the hash of its triggers.
        progress: Told what is not recorded.
    """
    after = _read(connection)
    now = after.found
    if not now:
        return
    login = connection.info.user
    kept = {
        key
        for key in before.by_hand()
        if key[0] not in MADE_ANEW and now.get(key) == before.found.get(key)
    }
    # The deployer may act as the owner and the ledger's role; nobody else is known to.
    kept |= {key for key in now if is_of_deployers(key) and key not in before.deployed}
    kept -= {key for key in kept if is_of_deployers(key) and key not in now}
    kept -= {("member", f"{login} of {role}") for role in (OWNER, LEDGER)}
    for kind, name in sorted(kept):
        progress.say(f"not by a deployment, and left as it is: {kind} {name}")
    recorded = {key: definition for key, definition in now.items() if key not in kept}
    recorded |= {key: before.deployed[key] for key in kept if key in before.deployed}
    own = {
        "files": files,
        "login": login,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        **{f"{TRIGGERS_OF}{table}": value for table, value in triggers.items()},
    }
    recorded |= {(OWN, name): value for name, value in own.items()}
    recorded[NEWEST] = after.newest_migration
    connection.execute("delete from credits.deployed")
    with connection.cursor().copy(
        "copy credits.deployed (kind, object, definition) from stdin"
    ) as rows:
        for (kind, name), definition in recorded.items():
            rows.write_row((kind, name, definition))


def _read(connection: psycopg.Connection) -> Record:
    try:
        with connection.transaction():
            deployed, found, ((newest,),) = (
                connection.execute(query).fetchall() for query in (READ, FIND, READ_NEWEST)
            )
    except NO_RECORD:
        return Record()
    return Record(as_definitions(deployed), as_definitions(found), newest)


def as_definitions(rows: list[tuple[str, str, str]]) -> Definitions:
    """Return rows of kind, object and definition by kind and object."""
    return {(kind, name): definition for kind, name, definition in rows}


def is_of_deployers(key: Key) -> bool:
    """Return whether it is a membership in a role that only deployers may act as."""
    return key[0] == "member" and key[1].endswith((f" of {OWNER}", f" of {LEDGER}"))
