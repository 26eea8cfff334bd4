"""Stripe's form encoding: `a[b]=1&c[0][d]=2` is `{"a": {"b": "1"}, "c": [{"d": "2"}]}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import parse_qsl

from sandbox.stripe.errors import ApiError

Form: TypeAlias = "dict[str, str | Form]"

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_INDEX = re.compile(r"\[([^\[\]]*)\]")


def parse(encoded: str) -> Form:
    """Return the tree of a query string or form body; lists are dicts with keys "0", "1", ….

    Raises ApiError if a key is malformed or is a value and a group at once.
    """
    tree: Form = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True):
        _insert(tree, _steps(key), value)
    return tree


def listed(form: Mapping[str, str | Form]) -> list[str | Form]:
    """Return the members of a list in the order of their indexes."""
    return [form[key] for key in sorted(form, key=lambda key: (len(key), key))]


def _steps(key: str) -> list[str]:
    match = _KEY.fullmatch(key)
    if match is None:
        raise ApiError(f"Invalid parameter name: {key}", param=key)
    return [match[1], *_INDEX.findall(match[2])]


def _insert(tree: Form, steps: list[str], value: str) -> None:
    for step in steps[:-1]:
        below = tree.setdefault(step, {})
        if isinstance(below, str):
            raise ApiError(f"Invalid object: {step}", param=step)
        tree = below
    # `list[]=x` adds to a list.
    last = steps[-1] or str(len(tree))
    if isinstance(tree.get(last), dict):
        raise ApiError(f"Invalid object: {last}", param=last)
    tree[last] = value
