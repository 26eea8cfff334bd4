"""The objects of the stand-in, in memory and, if wanted, in a file."""

from __future__ import annotations

import json
import secrets
import string
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from sandbox.secret_files import write_secret
from sandbox.stripe.errors import ApiError, missing
from sandbox.stripe.params import Params

Json: TypeAlias = dict[str, Any]

_ALPHABET = string.ascii_letters + string.digits


def now() -> int:
    """Return the time as Stripe gives it: whole seconds since 1970."""
    return int(time.time())


def random_id(prefix: str, length: int = 24) -> str:
    """Return an id such as `pi_3Nq…`."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def public(item: Json) -> Json:
    """Return what the API shows of an object; names that begin with "_" are our own notes."""
    return {name: value for name, value in item.items() if not name.startswith("_")}


class Store:
    """Objects by kind and id, in the order of their creation. Kinds are Stripe's `object` names."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._items: dict[str, Json] = {}
        if file is not None and file.exists():
            self._items = json.loads(file.read_text(encoding="utf-8"))

    def save(self) -> None:
        """Write everything to the file, if there is one."""
        if self._file is not None:
            write_secret(self._file, json.dumps(self._items))

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()

    def add(self, kind: str, prefix: str, **fields: Any) -> Json:
        """Create an object with a new id and return it."""
        item: Json = {
            "id": random_id(prefix),
            "object": kind,
            "created": now(),
            "livemode": False,
            **fields,
        }
        self.put(item)
        return item

    def put(self, item: Json) -> None:
        """Keep an object that has its id already."""
        self._items[item["id"]] = item

    def remove(self, item: Json) -> None:
        """Forget an object."""
        del self._items[item["id"]]

    def get(self, kind: str, object_id: str, param: str = "id", *, status: int = 404) -> Json:
        """Return an object. Raises ApiError with `status` if there is none of that kind and id."""
        item = self._items.get(object_id)
        if item is None or item["object"] != kind:
            raise missing(kind, object_id, param, status=status)
        return item

    def referred(self, kind: str, params: Params, name: str) -> Json | None:
        """Return the object whose id a parameter holds, None if the parameter is absent."""
        object_id = params.text(name)
        return None if object_id is None else self.get(kind, object_id, name, status=400)

    def find(self, object_id: str) -> Json | None:
        """Return the object of an id, whatever its kind."""
        return self._items.get(object_id)

    def all(self, kind: str) -> Iterator[Json]:
        """Yield the objects of one kind, oldest first."""
        return (item for item in self._items.values() if item["object"] == kind)

    def page(self, kind: str, params: Params, url: str, filters: Collection[str]) -> Json:
        """Return a list object, newest first, by Stripe's paging parameters.

        `filters` are fields that must equal the parameter of the same name, where it is given.
        """
        created = params.group("created")
        created.allow_only({"gte"})
        since = created.integer("gte") or 0
        items = [
            item
            for item in self.all(kind)
            if item["created"] >= since
            and all(item.get(name) == params.text(name) for name in filters if name in params)
        ]
        items.reverse()
        return _cut(items, params, url)


def _cut(items: list[Json], params: Params, url: str) -> Json:
    limit = params.integer("limit")
    limit = 10 if limit is None else limit
    if not 1 <= limit <= 100:
        raise ApiError("Invalid limit: must be 1 to 100", param="limit")
    after = params.text("starting_after")
    if after is not None:
        ids = [item["id"] for item in items]
        if after not in ids:
            raise missing("object", after, "starting_after", status=400)
        items = items[ids.index(after) + 1 :]
    return {
        "object": "list",
        "url": url,
        "has_more": len(items) > limit,
        "data": [public(item) for item in items[:limit]],
    }
