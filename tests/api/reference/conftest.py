"""An id of its own for each operation that is fuzzed."""

import pytest
from _pytest.nodeid import coerce_node_id


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the operation into the id, which pytest 9.2 makes of the function alone.

    Of tests with one id xdist runs a single one.
    """
    for item in items:
        if getattr(item, "operation_label", None):
            name = item.nodeid.rpartition("::")[0]
            item._id = coerce_node_id(f"{name}::{item.name}")
