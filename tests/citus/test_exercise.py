"""Every function answers on a cluster as it does on a plain server, wherever accounts lie."""

from collections.abc import Iterator

import pytest

from tests.citus.conftest import PACKAGE, Nodes
from tests.citus.exercise import Names, Transcript, walk
from tests.databases import Connection, Database, Server, clone

PLACES = ("one part", "one worker", "two workers")


@pytest.fixture(scope="module")
def plain(server: Server, migrated: str) -> Iterator[Database]:
    """A plain server's database."""
    with clone(server, migrated, f"{migrated}_plain") as database:
        database.connect().execute(PACKAGE)
        yield database


def told(api: Connection, owner: Connection, names: Names) -> Transcript:
    transcript = Transcript(api, owner)
    walk(transcript, names)
    return transcript


@pytest.mark.parametrize("where", PLACES)
def test_the_answers_are_those_of_a_plain_server(nodes: Nodes, plain: Database, where: str) -> None:
    names = nodes.names(where)
    expected = told(plain.connect("api"), plain.connect(), names)
    with nodes.api() as api, nodes.connect() as owner:
        actual = told(api, owner, names)
    assert actual.answers == expected.answers


def test_every_function_was_called(plain: Database) -> None:
    names = Names("ann", "bob", "guild", "other-guild")
    transcript = told(plain.connect("api"), plain.connect(), names)
    granted = plain.connect().execute(
        """
        select p.oid::regproc::text as name
        from pg_proc p
        where p.pronamespace in ('credits'::regnamespace, 'gifts'::regnamespace)
            and has_function_privilege('credits_api', p.oid, 'execute')
        """
    )
    assert {row["name"] for row in granted} <= transcript.called
