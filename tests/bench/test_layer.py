"""The database that answers constants, by which the HTTP layer is measured alone."""

import pytest

from bench import dataset
from sandbox.cluster import Cluster
from tests.databases import Database


@pytest.fixture
def layer(cluster: Cluster, database: Database) -> Database:
    """A database whose functions have been replaced by ones that do nothing."""
    dataset.answer_constants(cluster, database.name)
    return database


def test_no_function_is_left_beside_the_one_that_replaces_it(layer: Database) -> None:
    found = layer.connect().execute(
        """
        select proname from pg_proc where pronamespace = 'credits'::regnamespace
        group by proname having count(*) > 1
        """
    )
    assert found.fetchall() == []
