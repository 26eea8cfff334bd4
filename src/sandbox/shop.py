"""The stand-in of an app that people use: it redeems gifts, and is where they return after paying.

Who signs in here is known by a button: it stands for the app's own sign-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qsl, quote

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.demo import ALICE, BOB
from sandbox.html import page
from sandbox.issuer import Issuer
from sandbox.servers import ServerThread

_NOTE = "Local stand-in for an app that takes mana credits."
_PEOPLE = (BOB, ALICE)
_FORM = """<form method="post" action="/redeem">
<p><label>Code<br><input name="code" value="{code}" required autocomplete="off"></label>
<label>Answer, if there is a riddle<br><input name="answer" autocomplete="off"></label>
{buttons}</p>
</form>"""
_BUTTON = '<button name="person" value="{person}">Redeem as {person}</button>'


class Shop:
    """Serves `/redeem?code=…`, `/paid` and `/cancelled`; what it does it asks of the API."""

    def __init__(self, issuer: Issuer, api_url: str) -> None:
        self._issuer = issuer
        self._api_url = api_url
        self.app = Starlette(
            routes=[
                Route("/", self._ask),
                Route("/redeem", self._ask),
                Route("/redeem", self._redeem, methods=["POST"]),
                Route("/paid", self._paid),
                Route("/cancelled", self._cancelled),
            ]
        )
        self.url = ""

    def serve(self, port: int = 0) -> ServerThread:
        """Return a server of `app`, not started yet, and make its address our `url`."""
        server = ServerThread(self.app, port)
        self.url = server.url
        return server

    async def _ask(self, request: Request) -> Response:
        return page("Redeem a gift", _form(request.query_params.get("code", "")), _NOTE)

    async def _redeem(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        code, person = form.get("code", ""), form.get("person", BOB)
        if person not in _PEOPLE:
            return page("Nobody of that name is here", _form(code), _NOTE, 400)
        body = {"riddleAnswer": form["answer"]} if form.get("answer") else {}
        path = f"/gifts/{quote(code, safe='')}/redeem"
        status, told = await self._call("POST", path, person, body)
        if status != 200:
            text = f"<p>{escape(str(told.get('message')))}</p>"
            return page("This did not work", text + _form(code), _NOTE, status)
        text = (
            f"<p>{escape(person)} has received {told['creditsReceived']} credits,"
            f" and owns {told['newBalance']} now.</p>"
        )
        return page("The gift is redeemed", text, _NOTE)

    async def _paid(self, _request: Request) -> Response:
        _, told = await self._call("GET", "/credits/balance", ALICE)
        text = f"<p>Thank you. {ALICE} owns {told.get('balance')} credits now.</p>"
        return page("Paid", text, _NOTE)

    async def _cancelled(self, _request: Request) -> Response:
        return page("Not paid", "<p>Nothing was bought, and nothing is charged.</p>", _NOTE)

    async def _call(
        self, method: str, path: str, person: str, body: Mapping[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Call the API for a person, as an app does with their token."""
        token = self._issuer.token(
            person, email=f"{person}@example.com", name=person.capitalize(), expires_in=60
        )
        async with httpx.AsyncClient(
            base_url=self._api_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
            trust_env=False,
        ) as client:
            answer = await client.request(method, path, json=body)
            return answer.status_code, answer.json()


def _form(code: str) -> str:
    buttons = " ".join(_BUTTON.format(person=person) for person in _PEOPLE)
    return _FORM.format(code=escape(code), buttons=buttons)
