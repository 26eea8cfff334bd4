"""Making the functions and views of a database those of the files, dropping as little as can be."""

from collections import Counter

import psycopg
from psycopg import errors

from deploy.catalog import SchemaObject, drop, list_objects
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

# The file uses an object whose own file comes later, or was dropped and is to be made again, or has
# an overload that is still to be dropped.
TOO_EARLY = (
    errors.UndefinedFunction,
    errors.UndefinedTable,
    errors.UndefinedObject,
    errors.UndefinedColumn,
    errors.AmbiguousFunction,
)


def drop_views(connection: psycopg.Connection, sources: list[Source]) -> set[SchemaObject]:
    """Drop the views of the sources' schemas, and return them."""
    views = [each for each in _present(connection, sources) if each.kind == "view"]
    return drop(connection, views, views)


def drop_obsolete(connection: psycopg.Connection, sources: list[Source]) -> set[SchemaObject]:
    """Drop the functions and views that no file defines any more, and return them."""
    defined = {source.object for source in sources}
    obsolete = [each for each in _present(connection, sources) if each.object not in defined]
    try:
        return drop(connection, obsolete, obsolete)
    except psycopg.Error as error:
        raise DeploymentError(
            f"a function or view has no file any more, but cannot be dropped: {one_line(error)}"
        ) from error


def identities_gone(
    connection: psycopg.Connection, sources: list[Source], dropped: set[SchemaObject]
) -> list[str]:
    """Return what of the dropped is not there again."""
    present = {each.identity for each in _present(connection, sources)}
    return sorted({each.identity for each in dropped} - present)


def apply_sources(connection: psycopg.Connection, sources: list[Source]) -> set[SchemaObject]:
    """Apply every file; one that comes too early waits until the others have been applied.

    Returns:
        The objects that had to be dropped for that; most are there again.
    """
    dropped: set[SchemaObject] = set()
    overloaded: set[tuple[str, str]] = set()
    pending = sources
    while pending:
        waiting: dict[Source, psycopg.Error] = {}
        for source in pending:
            try:
                dropped |= _apply_one(connection, source, sources)
            except TOO_EARLY as error:
                waiting[source] = error
            except psycopg.Error as error:
                raise in_file(source.path, error, source.text) from error
        if len(waiting) == len(pending):
            stuck, reason = next(iter(waiting.items()))
            raise in_file(stuck.path, reason, stuck.text) from reason
        dropped |= _drop_overloads(connection, sources, overloaded)
        present = {each.object for each in _present(connection, sources)}
        pending = [each for each in sources if each in waiting or each.object not in present]
    return dropped


def _apply_one(
    connection: psycopg.Connection, source: Source, sources: list[Source]
) -> set[SchemaObject]:
    """Apply one file, and return what had to be dropped for it."""
    try:
        with connection.transaction():
            _execute(connection, source)
    except IRREPLACEABLE:
        present = _present(connection, sources)
        old = [each for each in present if each.object == source.object]
        if not old:
            raise
    else:
        return set()
    with connection.transaction():
        dropped = drop(connection, old, present)
        _execute(connection, source)
    return dropped


def _execute(connection: psycopg.Connection, source: Source) -> None:
    # As bytes it is sent as it is: several statements, and nothing in them a placeholder.
    connection.execute(f"set local role {source.owner}")
    connection.execute(source.text.encode())
    connection.execute(f"set local role {OWNER}")


def _drop_overloads(
    connection: psycopg.Connection, sources: list[Source], known: set[tuple[str, str]]
) -> set[SchemaObject]:
    """Drop all functions that share their name with another one: the file makes its own anew."""
    present = _present(connection, sources)
    count = Counter(each.object for each in present)
    by_object = {source.object: source for source in sources if count[source.object] > 1}
    for each in known & by_object.keys():
        raise DeploymentError(f"{by_object[each].path}: defines {'.'.join(each)} more than once")
    known.update(by_object)
    return drop(connection, [each for each in present if each.object in by_object], present)


def _present(connection: psycopg.Connection, sources: list[Source]) -> list[SchemaObject]:
    return list_objects(connection, sorted({source.schema for source in sources}))
