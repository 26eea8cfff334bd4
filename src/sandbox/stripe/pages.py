"""The pages where a person pays or declines. Their buttons are plain forms, so curl can press them.

`GET /checkout/{id}` stands in for Stripe Checkout, `GET /pay/{id}` for a shop's own payment form
with Stripe.js; both take POST …/pay, …/decline and …/debit.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.html import page
from sandbox.stripe.cashier import Cashier
from sandbox.stripe.checkout import Checkout
from sandbox.stripe.errors import ApiError
from sandbox.stripe.store import Json, Store
from sandbox.stripe.webhooks import Webhooks

_TELLING_SECONDS = 5.0
_NOTE = "Local stand-in for Stripe: no money moves."
_BUTTON = '<form method="post" action="{action}"><button>{label}</button></form>'


class Pages:
    """The routes for people."""

    def __init__(
        self, store: Store, checkout: Checkout, cashier: Cashier, webhooks: Webhooks
    ) -> None:
        self._store = store
        self._webhooks = webhooks
        self._checkout = checkout
        self._actions: dict[str, Callable[[str], None]] = {
            "pay": cashier.pay,
            "decline": cashier.decline,
            "debit": cashier.debit,
        }

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/checkout/{id}", self._show_session),
            Route("/checkout/{id}/{action}", self._act_on_session, methods=["POST"]),
            Route("/pay/{id}", self._show_intent),
            Route("/pay/{id}/{action}", self._act_on_intent, methods=["POST"]),
        ]

    async def _show_session(self, request: Request) -> Response:
        try:
            session = self._session(request)
        except ApiError as error:
            return _error_page(error)
        rows = [
            (f"{item['quantity']} x {item['description']}", _money(item["amount_total"], session))
            for item in session["_line_items"]
        ]
        if session["status"] != "open":
            text = f"<p>This session is {escape(session['status'])}.</p>"
        else:
            text = _buttons(f"/checkout/{session['id']}", "Pay", "Decline", "Pay by bank debit")
        if session["cancel_url"]:
            text += f'<p><a href="{escape(session["cancel_url"])}">Back to the shop</a></p>'
        total = ("Total", _money(session["amount_total"], session))
        return page("Checkout", _table([*rows, total]) + text, _NOTE)

    async def _act_on_session(self, request: Request) -> Response:
        try:
            session = self._session(request)
            # A second click on "Pay" has no effect, and leads to the same page as the first.
            if session["status"] != "complete":
                await self._act(request)
        except ApiError as error:
            return _error_page(error)
        if session["status"] == "complete":
            target = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
            return _see_other("Paid.", target)
        return _see_other("Declined.", session["cancel_url"] or f"/checkout/{session['id']}")

    def _session(self, request: Request) -> Json:
        self._checkout.end_in_time()
        return self._store.get("checkout.session", request.path_params["id"])

    async def _show_intent(self, request: Request) -> Response:
        try:
            intent = self._store.get("payment_intent", request.path_params["id"])
        except ApiError as error:
            return _error_page(error)
        status = str(intent["status"])
        text = f"<p>Status: {escape(status)}</p>"
        if status == "processing":
            text += _buttons(f"/pay/{intent['id']}", "Let it succeed", "Let it fail")
        elif status.startswith("requires_"):
            text += _buttons(f"/pay/{intent['id']}", "Pay", "Decline", "Pay by bank debit")
        what = intent["description"] or "Payment"
        return page("Payment", _table([(what, _money(intent["amount"], intent))]) + text, _NOTE)

    async def _act_on_intent(self, request: Request) -> Response:
        try:
            intent = self._store.get("payment_intent", request.path_params["id"])
            await self._act(request)
        except ApiError as error:
            return _error_page(error)
        return _see_other(f"{intent['status']}", f"/pay/{intent['id']}")

    async def _act(self, request: Request) -> None:
        action = self._actions.get(request.path_params["action"])
        if action is None:
            raise ApiError("There is no such button.", status=404)
        action(request.path_params["id"])
        self._store.save()
        # So that who comes back to the shop at once finds it told already, as a rule.
        await self._webhooks.idle(_TELLING_SECONDS)


def _error_page(error: ApiError) -> Response:
    return page("This did not work", f"<p>{escape(str(error))}</p>", _NOTE, error.status)


def _see_other(text: str, target: str) -> Response:
    return PlainTextResponse(f"{text}\n", 303, {"Location": target})


def _money(amount: int, item: Json) -> str:
    return f"{amount / 100:.2f} {item['currency'].upper()}"


def _table(rows: list[tuple[str, str]]) -> str:
    cells = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in rows
    )
    return f"<table>{cells}</table>"


def _buttons(path: str, pay: str, decline: str, debit: str | None = None) -> str:
    labels = {"pay": pay, "decline": decline, "debit": debit}
    forms = [
        _BUTTON.format(action=escape(f"{path}/{action}"), label=escape(label))
        for action, label in labels.items()
        if label is not None
    ]
    return f"<p>{''.join(forms)}</p>"
