"""Comparison of an answer with what the model says."""

import copy
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

from tests.model.accounts import Answer
from tests.model.model import Call, Model
from tests.model.sql import Ids


class Told(dict[str, Any]):
    """An answer that does not tell everything that the model knows."""


def agree(expected: Answer | str, answered: Answer | str, ids: Ids) -> bool:
    """Compare an answer with the model's; notes which id a name stands for."""
    if isinstance(expected, str) or isinstance(answered, str):
        return expected == answered
    if "outcomes" in expected:
        pairs = zip(expected["outcomes"], answered["outcomes"], strict=True)
        return all(agree(one, other, ids) for one, other in pairs)
    if (
        "id" in expected
        and "id" in answered
        and ids.setdefault(expected["id"], answered["id"]) != answered["id"]
    ):
        return False
    names = expected.keys() - {"id"}
    if isinstance(answered, Told):
        names &= answered.keys()
    return all(answered[name] == expected[name] for name in names)


def serial_orders(
    model: Model, calls: Sequence[Call], answers: Sequence[Any], ids: Ids
) -> Iterator[tuple[Model, Ids]]:
    """Find the orders in which the calls, one after the other, answer what they did at once.

    Yields the model after them and the names for each.
    """
    for order in permutations(range(len(calls))):
        trial, names = copy.deepcopy(model), dict(ids)
        if all(agree(trial.apply(calls[i]), answers[i], names) for i in order):
            yield trial, names
