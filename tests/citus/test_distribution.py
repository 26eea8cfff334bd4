"""A cluster is spread over only where that loses nothing."""

import pytest

from deploy.distribution import distribute
from deploy.errors import DeploymentError
from sandbox.spread import execute
from tests.citus.conftest import DATABASE, Nodes, of_database


@pytest.mark.parametrize("node", [0, 1])
def test_a_node_that_acknowledges_before_the_disk_has_it_is_refused(
    nodes: Nodes, node: int
) -> None:
    execute(nodes.urls[node], f"alter database {DATABASE} set synchronous_commit = off")
    try:
        with pytest.raises(DeploymentError, match="synchronous_commit"):
            distribute(of_database(nodes.urls[0]))
    finally:
        execute(nodes.urls[node], f"alter database {DATABASE} set synchronous_commit = on")
