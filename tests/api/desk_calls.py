"""Calls of people in support."""

from typing import Any

import httpx

from tests.api.live_api import Caller, LiveApi, unique


class Admin(Caller):
    """Somebody in support."""

    def __init__(self, api: LiveApi, role: Any = "admin") -> None:
        self.id = unique("admin")
        self.token = api.issuer.token(self.id, role=role)
        super().__init__(api, {"Authorization": f"Bearer {self.token}"})

    def act(self, path: str, **fields: Any) -> httpx.Response:
        """POST to a route of the desk, for a good reason and under a key of its own."""
        body = {"reason": "Ticket 17", "idempotencyKey": unique("act"), **fields}
        return self.post(f"/admin/{path}", body)
