"""Making the functions and views of a database those of the files, dropping as little as can be."""

import psycopg
from psycopg import errors

from deploy.catalog import SchemaObject, drop, list_made, list_objects
from deploy.errors import DeploymentError, in_file, one_line
from deploy.sources import OWNER, Source

# The object is there, and `create or replace` cannot make it the file's: other result or parameter
# names, other columns, another kind, another owner, or an overload beside it.
IRREPLACEABLE = (
    errors.InvalidFunctionDefinition,
    errors.InvalidTableDefinition,
    errors.WrongObjectType,
    errors.InsufficientPrivilege,
    errors.AmbiguousFunction,
)
# The objects that are there, by oid.
Present = dict[int, SchemaObject]

# The file uses an object whose own file comes later, or was dropped and is to be made again.
TOO_EARLY = (
    errors.UndefinedFunction,
    errors.UndefinedTable,
    errors.UndefinedObject,
    errors.UndefinedColumn,
)


class _Overloaded(Exception):  # noqa: N818  # a signal between two functions here
    """Several functions bear the name of a file after it was applied."""


def drop_views(connection: psycopg.Connection, sources: list[Source]) -> set[SchemaObject]:
    """Drop the views of the sources' schemas, and return them."""
    present = list_objects(connection, _schemas(sources))
    views = {each.oid: each for each in present if each.kind == "view"}
    dropped: set[SchemaObject] = set()
    for each in views.values():
        if each not in dropped:
            dropped |= drop(connection, each, views)
    return dropped


def drop_obsolete(connection: psycopg.Connection, sources: list[Source]) -> set[SchemaObject]:
    """Drop the functions and views that no file defines any more, and return them."""
    defined = {source.object for source in sources}
    present = list_objects(connection, _schemas(sources))
    obsolete = {each.oid: each for each in present if each.object not in defined}
    dropped: set[SchemaObject] = set()
    for each in obsolete.values():
        if each in dropped:
            continue
        try:
            dropped |= drop(connection, each, obsolete)
        except psycopg.Error as error:
            raise DeploymentError(
                f"{each.identity} has no file any more, but cannot be dropped: {one_line(error)}"
            ) from error
    return dropped


def identities_gone(
    connection: psycopg.Connection, sources: list[Source], dropped: set[SchemaObject]
) -> list[str]:
    """Return what of the dropped is not there again."""
    present = {each.identity for each in list_objects(connection, _schemas(sources))}
    return sorted({each.identity for each in dropped} - present)


def _schemas(sources: list[Source]) -> list[str]:
    return sorted({source.schema for source in sources})


def apply_sources(connection: psycopg.Connection, sources: list[Source]) -> set[SchemaObject]:
    """Apply every file; one that comes too early waits until the others have been applied.

    Returns:
        The objects that had to be dropped for that; most are there again.
    """
    schemas = _schemas(sources)
    by_object = {source.object: source for source in sources}
    dropped: set[SchemaObject] = set()
    present = {each.oid: each for each in list_objects(connection, schemas)}
    pending = sources
    while pending:
        waiting: dict[Source, psycopg.Error] = {}
        again: set[Source] = set()
        for source in pending:
            try:
                for_it, present = _apply_one(connection, source, present, schemas)
            except TOO_EARLY as error:
                waiting[source] = error
                continue
            dropped |= for_it
            again |= {by_object[each.object] for each in for_it if each.object in by_object}
            again.discard(source)
        if len(waiting) == len(pending):
            stuck, reason = next(iter(waiting.items()))
            raise in_file(stuck.path, reason, stuck.text) from reason
        pending = [source for source in sources if source in waiting or source in again]
    return dropped


def _apply_one(
    connection: psycopg.Connection,
    source: Source,
    before: Present,
    schemas: list[str],
) -> tuple[set[SchemaObject], Present]:
    """Apply one file; return what had to be dropped for it, and what is there then."""
    try:
        with connection.transaction():
            return set(), _execute(connection, source, before, schemas)
    except (*IRREPLACEABLE, _Overloaded) as error:
        old = [each for each in before.values() if each.object == source.object]
        if not old:
            raise _failure(source, error) from error
    dropped: set[SchemaObject] = set()
    try:
        with connection.transaction():
            for each in old:
                if each not in dropped:
                    dropped |= drop(connection, each, before)
            gone = {each.oid for each in dropped}
            left = {oid: each for oid, each in before.items() if oid not in gone}
            return dropped, _execute(connection, source, left, schemas)
    except TOO_EARLY:
        raise
    except (psycopg.Error, _Overloaded) as error:
        raise _failure(source, error) from error


def _execute(
    connection: psycopg.Connection, source: Source, before: Present, schemas: list[str]
) -> Present:
    """Execute one file, and return what is there then."""
    try:
        # As bytes it is sent as it is: several statements, and nothing in them a placeholder.
        connection.execute(f"set local role {source.owner}")
        connection.execute(source.text.encode())
        connection.execute(f"set local role {OWNER}")
    except (*IRREPLACEABLE, *TOO_EARLY):
        raise
    except psycopg.Error as error:
        raise in_file(source.path, error, source.text) from error
    made = list_made(connection, schemas, source.object, max(before, default=0))
    own = [each for each in made if each.object == source.object]
    strangers = [each.identity for each in made if each.object != source.object]
    if not own:
        raise DeploymentError(
            f"{source.path}: does not define {source.schema}.{source.name}, which it is named after"
        )
    if strangers:
        raise DeploymentError(
            f"{source.path}: also defines {', '.join(strangers)}: give it a file of its own"
        )
    if len(own) > 1:
        raise _Overloaded
    return before | {each.oid: each for each in own}


def _failure(source: Source, error: Exception) -> DeploymentError:
    if isinstance(error, psycopg.Error):
        return in_file(source.path, error, source.text)
    return DeploymentError(
        f"{source.path}: defines {source.schema}.{source.name} more than once: one object a file"
    )
