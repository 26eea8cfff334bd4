"""The REST API: who may call, what is called, and the answer in Stripe's shape."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from stripe import params as known_params
from stripe.params.checkout import SessionCreateParams

from sandbox.faults import Faults
from sandbox.stripe.checkout import Checkout
from sandbox.stripe.errors import ApiError
from sandbox.stripe.forms import Form, parse
from sandbox.stripe.idempotency import IdempotencyKeys
from sandbox.stripe.params import Params
from sandbox.stripe.payments import Payments
from sandbox.stripe.store import Json, Store, public, random_id
from sandbox.stripe.webhooks import Cause, Webhooks

Handler: TypeAlias = Callable[[str, Params], Json]

_PAGING = {"limit", "starting_after", "ending_before", "created", "expand"}


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
        webhooks: Webhooks,
        payments: Payments,
        checkout: Checkout,
        faults: Faults,
    ) -> None:
        self._secret_key = secret_key
        self._store = store
        self._webhooks = webhooks
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
        yield from self._customer_operations()
        yield from self._intent_operations()
        yield from self._session_operations()
        yield from self._after_payment_operations()

    def _customer_operations(self) -> Iterator[Operation]:
        payments, get = self._payments, self._get
        path = "/v1/customers"
        yield Operation(
            "POST",
            path,
            lambda _, params: payments.create_customer(params),
            _known(known_params.CustomerCreateParams),
        )
        yield self._list("customer", path, "email")
        yield self._retrieve("customer", path)
        yield Operation(
            "POST",
            path + "/{id}",
            lambda key, params: payments.update_customer(get("customer", key), params),
            _known(known_params.CustomerUpdateParams),
        )
        yield Operation(
            "DELETE",
            path + "/{id}",
            lambda key, _: payments.delete_customer(get("customer", key)),
            (),
        )

    def _intent_operations(self) -> Iterator[Operation]:
        payments, checkout, get = self._payments, self._checkout, self._get
        path = "/v1/payment_intents"
        yield Operation(
            "POST",
            path,
            lambda _, params: payments.create_intent(params),
            _known(known_params.PaymentIntentCreateParams),
        )
        yield self._list("payment_intent", path, "customer")
        yield self._retrieve("payment_intent", path)
        yield Operation(
            "POST",
            path + "/{id}",
            lambda key, params: payments.update_intent(get("payment_intent", key), params),
            _known(known_params.PaymentIntentUpdateParams),
        )
        yield Operation(
            "POST",
            path + "/{id}/confirm",
            lambda key, params: payments.confirm(get("payment_intent", key), params),
            _known(known_params.PaymentIntentConfirmParams),
        )
        yield Operation(
            "POST",
            path + "/{id}/cancel",
            lambda key, params: checkout.cancel_intent(get("payment_intent", key), params),
            _known(known_params.PaymentIntentCancelParams),
        )

    def _session_operations(self) -> Iterator[Operation]:
        checkout = self._checkout
        yield Operation(
            "POST",
            "/v1/prices",
            lambda _, params: checkout.create_price(params),
            {"currency", "unit_amount", "product_data", "metadata"},
        )
        yield self._list("price", "/v1/prices", "currency")
        yield self._retrieve("price", "/v1/prices")
        path = "/v1/checkout/sessions"
        yield Operation(
            "POST", path, lambda _, params: checkout.create(params), _known(SessionCreateParams)
        )
        filters = ("customer", "payment_intent", "status")
        yield Operation(
            "GET",
            path,
            lambda _, params: checkout.page(params, path, *filters),
            _PAGING | set(filters),
        )
        yield Operation("GET", path + "/{id}", lambda key, _: checkout.get(key), {"expand"})
        yield Operation(
            "POST",
            path + "/{id}/expire",
            lambda key, _: checkout.expire(checkout.get(key)),
            {"expand"},
        )

    def _after_payment_operations(self) -> Iterator[Operation]:
        payments, get = self._payments, self._get
        yield self._list("charge", "/v1/charges", "customer", "payment_intent")
        yield self._retrieve("charge", "/v1/charges")
        yield Operation(
            "POST",
            "/v1/refunds",
            lambda _, params: payments.refund(params),
            _known(known_params.RefundCreateParams),
        )
        yield self._list("refund", "/v1/refunds", "charge", "payment_intent")
        yield self._retrieve("refund", "/v1/refunds")
        yield self._list("dispute", "/v1/disputes", "charge", "payment_intent")
        yield self._retrieve("dispute", "/v1/disputes")
        yield self._list("event", "/v1/events", "type")
        yield self._retrieve("event", "/v1/events")
        yield Operation(
            "POST",
            "/sandbox/disputes",
            lambda _, params: payments.open_dispute(params),
            {"charge", "payment_intent", "amount", "status"},
        )
        yield Operation(
            "POST",
            "/sandbox/disputes/{id}",
            lambda key, params: payments.update_dispute(get("dispute", key), params),
            {"amount", "status"},
        )
        yield Operation(
            "POST",
            "/sandbox/refunds/{id}/fail",
            lambda key, params: payments.fail_refund(get("refund", key), params),
            {"status"},
        )
        yield Operation(
            "POST",
            "/sandbox/disputes/{id}/close",
            lambda key, params: payments.close_dispute(get("dispute", key), params),
            {"status"},
        )

    def _list(self, kind: str, path: str, *filters: str) -> Operation:
        return Operation(
            "GET",
            path,
            lambda _, params: self._store.page(kind, params, path, *filters),
            _PAGING | set(filters),
        )

    def _retrieve(self, kind: str, path: str) -> Operation:
        return Operation("GET", path + "/{id}", lambda key, _: self._get(kind, key), {"expand"})

    def _get(self, kind: str, object_id: str) -> Json:
        return self._store.get(kind, object_id)

    # From a request to its answer

    def _endpoint(self, operation: Operation) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            request_id = random_id("req_", 14)
            headers = {"Request-Id": request_id}
            key = request.headers.get("idempotency-key")
            if operation.method == "POST" and key is not None:
                headers["Idempotency-Key"] = key
            try:
                self._check(request)
                form = await _form(request)
                Params(form).allow_only(operation.known)
                status, body = await self._once(request, operation, form, headers)
                lost = self._faults.loss(request.url.path)
                if lost is not None:
                    raise _injected(lost)
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
        given = _bearer(request.headers.get("authorization", ""))
        if not hmac.compare_digest(given.encode(), self._secret_key.encode()):
            raise ApiError("Invalid API Key provided.", status=401)

    async def _once(
        self, request: Request, operation: Operation, form: Form, headers: dict[str, str]
    ) -> tuple[int, Json]:
        """Carry out the operation, unless its idempotency key has been answered already."""
        key = headers.get("Idempotency-Key")
        path = request.url.path
        if key is None:
            await self._faults.pause(path)
            return self._carry_out(request, operation, form, headers)
        record = self._keys.begin(key, path, form)
        if record is not None and record.body is not None:
            headers["Idempotent-Replayed"] = "true"
            return record.status, record.body
        answer: tuple[int, Json] | None = None
        try:
            await self._faults.pause(path)
            answer = self._carry_out(request, operation, form, headers)
        except ApiError as error:
            # A declined payment was carried out; bad parameters were not.
            if error.status == 402:
                answer = error.status, error.body
            raise
        finally:
            if answer is None:
                self._keys.forget(key)
            else:
                self._keys.answered(key, *answer)
        return answer

    def _carry_out(
        self, request: Request, operation: Operation, form: Form, headers: dict[str, str]
    ) -> tuple[int, Json]:
        self._webhooks.cause = Cause(headers["Request-Id"], headers.get("Idempotency-Key"))
        params = Params(form)
        try:
            result = operation.handler(request.path_params.get("id", ""), params)
        finally:
            self._webhooks.cause = Cause()
            if operation.method == "POST":
                self._store.save()
        # A copy as it is now: a kept answer must not change with its object.
        body: Json = json.loads(json.dumps(public(result)))
        for path in params.texts("expand"):
            self._expand(body, path.split("."))
        return 200, body

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


def _known(params: type) -> Collection[str]:
    """Return the names of the parameters that the official client declares for an operation."""
    return params.__annotations__.keys()


async def _form(request: Request) -> Form:
    if request.method == "GET":
        return parse(request.url.query)
    try:
        return parse((await request.body()).decode())
    except UnicodeDecodeError:
        raise ApiError("The body is not UTF-8.") from None


def _bearer(header: str) -> str:
    """Return the key of an Authorization header: Bearer, or Basic as with `curl -u key:`."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return value if scheme.lower() == "bearer" else ""
    try:
        return base64.b64decode(value).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _injected(status: int) -> ApiError:
    return ApiError("Fault injected", status=status, kind="api_error")
