"""Explanations whether a debit would pass, for trusted services; asking changes nothing."""

import msgspec
from msgspec import UNSET, Raw, UnsetType

from api.call import Call
from api.database.refusals import REFUSALS
from api.http import fields
from api.http.bodies import Body, Given
from api.http.operations import Answer, for_services
from api.routes.usage import require_app


class Explain(Given, kw_only=True):
    """The debit in question: of a user's own credits, or of a guild's."""

    user_id: fields.Id
    amount: fields.Amount
    app_id: fields.Id | None = None
    guild_id: fields.Id | None = None


class Verdict(msgspec.Struct, rename="camel", kw_only=True):
    """Whether a debit would pass; `refusal` is the code that it would be refused with.

    `message` and `details` are those of that refusal. `passesAt` is the earliest time at which the
    debit would pass as things stand; it is left out when time alone does not help.
    """

    allowed: bool
    refusal: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    details: Raw | UnsetType = UNSET
    passes_at: fields.Moment | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Tell the SQLSTATE of the database as its code."""
        if self.refusal:
            self.refusal = REFUSALS[self.refusal]


async def explain_use(call: Call[Explain]) -> Verdict:
    """Explain whether a debit would pass."""
    require_app(call)
    return await call.one(Verdict)


OPERATIONS = [
    for_services(
        "POST /internal/credits/explain",
        description="Nothing is changed by asking.",
        body=Body(Explain),
        function="credits.explain_use",
        handler=explain_use,
        answers={200: Answer("The verdict, also where it is a refusal.", [Verdict])},
    ),
]
