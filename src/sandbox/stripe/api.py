"""The REST API: who may call, what is called, and the answer in Stripe's shape."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from stripe.params import (
    CustomerCreateParams,
    PaymentIntentCreateParams,
    PriceCreateParams,
    RefundCreateParams,
)
from stripe.params.checkout import SessionCreateParams

from sandbox.faults import Faults
from sandbox.stripe.checkout import Checkout
from sandbox.stripe.errors import ApiError
from sandbox.stripe.forms import Form, parse
from sandbox.stripe.idempotency import IdempotencyKeys
from sandbox.stripe.params import Params
from sandbox.stripe.payments import Payments
from sandbox.stripe.store import Json, Store, public, random_id

Handler: TypeAlias = Callable[[str, Params], Json]

# What is read, by its path: the kind of object, and the fields that choose those of a list.
_READ = {
    "/v1/payment_intents": ("payment_intent", ["customer"]),
    "/v1/checkout/sessions": ("checkout.session", ["customer", "payment_intent", "status"]),
    "/v1/charges": ("charge", ["customer", "payment_intent"]),
    "/v1/refunds": ("refund", ["charge", "payment_intent"]),
    "/v1/disputes": ("dispute", ["charge", "payment_intent"]),
}


@dataclass(frozen=True)
class Operation:
    """One route: `handler` gets the id in the path ("" if there is none) and the parameters."""

    method: str
    path: str
    handler: Handler
    known: Collection[str]


class Api:
    """The routes under /v1 and /sandbox."""

    def __init__(
        self,
        secret_key: str,
        store: Store,
        payments: Payments,
        checkout: Checkout,
        faults: Faults,
    ) -> None:
        self._secret_key = secret_key
        self._store = store
        self._payments = payments
        self._checkout = checkout
        self._faults = faults
        self._keys = IdempotencyKeys()

    def reset(self) -> None:
        """Forget all idempotency keys."""
        self._keys = IdempotencyKeys()

    def routes(self) -> list[Route]:
        """Return the routes, the one for unknown addresses last."""
        known = [
            Route(operation.path, self._endpoint(operation), methods=[operation.method])
            for operation in self._operations()
        ]
        return [*known, Route("/v1/{rest:path}", self._unknown, methods=_METHODS)]

    def _operations(self) -> Iterator[Operation]:
        payments, checkout = self._payments, self._checkout
        disputed = ("charge", "payment_intent", "amount", "status")
        for path, (kind, filters) in _READ.items():
            yield self._list(kind, path, filters)
            yield self._retrieve(kind, path)
        yield _make("/v1/customers", payments.create_customer, CustomerCreateParams.__annotations__)
        yield self._change(
            "customer", "/v1/customers/{id}", payments.delete_customer, method="DELETE"
        )
        yield _make(
            "/v1/payment_intents",
            payments.create_intent,
            PaymentIntentCreateParams.__annotations__,
        )
        intent = "/v1/payment_intents/{id}"
        yield self._change("payment_intent", intent, payments.update_intent, "metadata")
        yield self._change("payment_intent", intent + "/cancel", checkout.cancel_intent)
        yield _make("/v1/checkout/sessions", checkout.create, SessionCreateParams.__annotations__)
        session = "/v1/checkout/sessions/{id}"
        yield self._change("checkout.session", session + "/expire", checkout.expire)
        yield _make("/v1/prices", checkout.create_price, PriceCreateParams.__annotations__)
        yield _make("/v1/refunds", payments.refund, RefundCreateParams.__annotations__)
        yield self._change("refund", "/sandbox/refunds/{id}/fail", payments.fail_refund, "status")
        yield _make("/sandbox/disputes", payments.open_dispute, disputed)
        dispute = "/sandbox/disputes/{id}"
        yield self._change("dispute", dispute, payments.update_dispute, "amount", "status")
        yield self._change("dispute", dispute + "/close", payments.close_dispute, "status")

    def _list(self, kind: str, path: str, filters: Collection[str]) -> Operation:
        return Operation(
            "GET",
            path,
            lambda _, params: self._store.page(kind, params, path, filters),
            {"limit", "starting_after", "created", "expand", *filters},
        )

    def _retrieve(self, kind: str, path: str) -> Operation:
        return Operation(
            "GET", path + "/{id}", lambda key, _: self._store.get(kind, key), {"expand"}
        )

    def _change(
        self,
        kind: str,
        path: str,
        change: Callable[[Json, Params], Json],
        *known: str,
        method: str = "POST",
    ) -> Operation:
        return Operation(
            method, path, lambda key, params: change(self._store.get(kind, key), params), known
        )

    # From a request to its answer

    def _endpoint(self, operation: Operation) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            headers = {"Request-Id": random_id("req_", 14)}
            status = 200
            try:
                self._check(request)
                form = await _form(request)
                Params(form).allow_only(operation.known)
                body = await self._once(request, operation, form, headers)
                if self._faults.loses(request.url.path):
                    raise _injected(502)
            except ApiError as error:
                status, body = error.status, error.body
            return JSONResponse(body, status, headers)

        return endpoint

    async def _unknown(self, request: Request) -> Response:
        text = f"Unrecognized request URL ({request.method}: {request.url.path})."
        answer = ApiError(text, status=404)
        try:
            self._check(request)
        except ApiError as error:
            answer = error
        return JSONResponse(answer.body, answer.status)

    def _check(self, request: Request) -> None:
        refusal = self._faults.refusal(request.method, request.url.path)
        if refusal is not None:
            raise _injected(refusal)
        # The sandbox's own routes are for people with curl.
        if request.url.path.startswith("/sandbox/"):
            return
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._secret_key}".encode()):
            raise ApiError("Invalid API Key provided.", status=401)

    async def _once(
        self, request: Request, operation: Operation, form: Form, headers: dict[str, str]
    ) -> Json:
        """Carry out the operation, unless its idempotency key has been answered already."""
        key = request.headers.get("idempotency-key")
        path = request.url.path
        if key is None or operation.method != "POST":
            await self._faults.pause(path)
            return self._carry_out(request, operation, form)
        headers["Idempotency-Key"] = key
        answered = self._keys.begin(key, path, form)
        if answered is not None:
            headers["Idempotent-Replayed"] = "true"
            return answered
        try:
            await self._faults.pause(path)
            answer = self._carry_out(request, operation, form)
        except BaseException:
            self._keys.forget(key)
            raise
        self._keys.answered(key, answer)
        return answer

    def _carry_out(self, request: Request, operation: Operation, form: Form) -> Json:
        self._checkout.end_in_time()
        params = Params(form)
        try:
            result = operation.handler(request.path_params.get("id", ""), params)
        finally:
            if operation.method != "GET":
                self._store.save()
        # A copy as it is now: a kept answer must not change with its object.
        body: Json = json.loads(json.dumps(public(result)))
        for path in params.texts("expand"):
            self._expand(body, path.split("."))
        return body

    def _expand(self, item: Json, path: list[str]) -> None:
        """Put objects in the place of their ids, as `expand[]=charge.customer` asks for."""
        name, *rest = path
        value = item.get(name)
        if isinstance(value, list):
            for member in value:
                self._expand(member, rest)
            return
        if isinstance(value, str):
            found = self._store.find(value)
            if found is None:
                raise ApiError(f"This property cannot be expanded ({name}).", param="expand")
            item[name] = value = dict(public(found))
        if rest and isinstance(value, dict):
            self._expand(value, rest)


_METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH"]


def _make(path: str, make: Callable[[Params], Json], known: Collection[str]) -> Operation:
    return Operation("POST", path, lambda _, params: make(params), known)


async def _form(request: Request) -> Form:
    if request.method == "GET":
        return parse(request.url.query)
    try:
        return parse((await request.body()).decode())
    except UnicodeDecodeError:
        raise ApiError("The body is not UTF-8.") from None


def _injected(status: int) -> ApiError:
    return ApiError("Fault injected", status=status, kind="api_error")
