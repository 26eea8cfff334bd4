"""Explanations whether a debit would pass, for trusted services; asking changes nothing."""

import msgspec
from msgspec import UNSET, Raw, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from api.database.refusals import REFUSALS
from api.database.rows import Explanation
from api.http.answers import json_answer
from api.http.bodies import Body
from api.http.fields import Amount, Id, Moment
from api.http.operations import Answer, Caller, Operation
from api.routes.prefix import PREFIX
from api.routes.usage import app_of
from api.services import calling_service


class Explain(msgspec.Struct, rename="camel", kw_only=True):
    """The debit in question: of a user's own credits, or of a guild's."""

    user_id: Id
    amount: Amount
    app_id: Id | None = None
    guild_id: Id | None = None


class Explained(msgspec.Struct, rename="camel", kw_only=True):
    """The verdict; a refusal has the code and the details that the debit's own would have.

    `passesAt` is the earliest time at which the debit would pass as things stand; it is left out
    when time alone does not help.
    """

    allowed: bool
    code: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    details: Raw | UnsetType = UNSET
    passes_at: Moment | UnsetType = UNSET


EXPLAIN = Body(Explain)


async def explain(request: Request) -> Response:
    """POST /internal/credits/explain."""
    service, functions = calling_service(request)
    body = await EXPLAIN.read(request)
    explanation = await functions.one(
        "credits.explain_use",
        Explanation,
        p_user_id=body.user_id,
        p_amount=body.amount,
        p_app_id=app_of(body.app_id, service),
        p_guild_id=body.guild_id,
    )
    return json_answer(_explained(explanation))


def _explained(explanation: Explanation) -> Explained:
    answer = Explained(allowed=explanation.allowed)
    if explanation.refusal is not None:
        _, answer.code = REFUSALS[explanation.refusal]
    if explanation.message is not None:
        answer.message = explanation.message
    if explanation.details is not None:
        answer.details = explanation.details
    if explanation.passes_at is not None:
        answer.passes_at = explanation.passes_at
    return answer


OPERATIONS = [
    Operation(
        method="POST",
        path=PREFIX + "/internal/credits/explain",
        handler=explain,
        name="explainUse",
        tag="Services: credits",
        summary="Whether a debit would pass",
        description="Nothing is changed by asking.",
        caller=Caller.SERVICE,
        body=EXPLAIN,
        answers={200: Answer("The verdict, also where it is a refusal.", [Explained])},
    ),
]
