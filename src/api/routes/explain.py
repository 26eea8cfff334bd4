"""Explanations whether a debit would pass, for trusted services; asking changes nothing."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Raw, UnsetType

from api.call import Call
from api.database.refusals import REFUSALS
from api.http import fields
from api.http.answers import columns
from api.http.bodies import Body, Given
from api.http.operations import Answer, for_services
from api.routes.usage import require_app


class Explain(Given, kw_only=True):
    """The debit in question: of a user's own credits, or of a guild's."""

    user_id: fields.Id
    amount: fields.Amount
    app_id: fields.Id | None = None
    guild_id: fields.Id | None = None


class Explained(msgspec.Struct, rename="camel", kw_only=True):
    """The verdict; a refusal has the code and the details that the debit's own would have.

    `passesAt` is the earliest time at which the debit would pass as things stand; it is left out
    when time alone does not help.
    """

    allowed: bool
    code: Annotated[str, columns("refusal")] | UnsetType = UNSET
    message: str | UnsetType = UNSET
    details: Raw | UnsetType = UNSET
    passes_at: fields.Moment | UnsetType = UNSET


async def explain_use(call: Call[Explain]) -> Explained:
    """Explain whether a debit would pass.

    A refusal's SQLSTATE is told as its code.
    """
    require_app(call)
    explained = await call.one(Explained)
    if explained.code:
        explained.code = REFUSALS[explained.code]
    return explained


OPERATIONS = [
    for_services(
        "POST /internal/credits/explain",
        description="Nothing is changed by asking.",
        body=Body(Explain),
        function="credits.explain_use",
        handler=explain_use,
        answers={200: Answer("The verdict, also where it is a refusal.", [Explained])},
    ),
]
