"""The functions of the database that are called: the accounts of each call, and what it is told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from api.database.gates import Account, Kind
from api.database.statements import Arguments

# Parameters that the API fills in where a function has them. The request's id goes into the
# entries; the caps of the service that calls hold.
REQUEST_ID: Final = "p_request_id"
CALLER: Final = "p_caller"


@dataclass(frozen=True, slots=True)
class Function:
    """A function that the API calls.

    Attributes:
        accounts: Parameters that name an account, also those that may be left out. The function
            takes the account's lock, or only reads for it.
        tells: Those of `REQUEST_ID` and `CALLER` that it takes.
        at_coordinator: It needs what only the coordinator has, where accounts are spread.
        hold: The parameter that names a hold, whose account has to be looked up.
    """

    accounts: Mapping[str, Kind] = field(default_factory=dict)
    tells: tuple[str, ...] = ()
    at_coordinator: bool = False
    hold: str | None = None

    def accounts_of(self, arguments: Arguments) -> list[Account]:
        """Return the accounts at whose gates a call has to wait."""
        return [
            Account(kind, _one_spelling(kind, arguments[parameter]))
            for parameter, kind in self.accounts.items()
            if arguments.get(parameter) is not None
        ]


def _one_spelling(kind: Kind, name: str) -> str:
    """Return a gift's code without case and without what people put between its letters."""
    return _NOT_OF_A_CODE.sub("", name).upper() if kind is Kind.GIFT else name


_NOT_OF_A_CODE = re.compile("[^A-Za-z0-9]+")

_PERSON = {"p_user_id": Kind.PERSON}
_GUILD = {"p_organization_id": Kind.GUILD}
_EITHER = {"p_user_id": Kind.PERSON, "p_guild_id": Kind.GUILD}
_GIVER = {"p_creator_id": Kind.PERSON}
_BOTH = (REQUEST_ID, CALLER)

_OF_A_HOLD = Function(tells=_BOTH, hold="p_reservation_id")
_READING = Function({"p_user_id": Kind.READING_PERSON})
_READING_POOL = Function({"p_organization_id": Kind.READING_GUILD})

OF_NOBODY: Final = Function()

# All others are of nobody's account and are told nothing, as those of jobs.
FUNCTIONS: Final[Mapping[str, Function]] = {
    "credits.admin_account": _READING,
    # The database finds the account.
    "credits.admin_cancel_gift": Function(tells=(REQUEST_ID,)),
    "credits.admin_freeze": Function(_PERSON, (REQUEST_ID,)),
    "credits.admin_grant": Function(_PERSON, (REQUEST_ID,)),
    # Whose acts they are, if only one person's are asked for.
    "credits.admin_list_actions": OF_NOBODY,
    "credits.admin_make_service_key": Function(tells=(REQUEST_ID,)),
    "credits.admin_refund": Function(tells=(REQUEST_ID,)),
    "credits.admin_release": Function(tells=(REQUEST_ID,)),
    "credits.admin_revoke_service_key": Function(tells=(REQUEST_ID,)),
    "credits.admin_set_package": Function(tells=(REQUEST_ID,)),
    "credits.admin_set_price": Function(tells=(REQUEST_ID,)),
    "credits.admin_take": Function(_PERSON, (REQUEST_ID,)),
    "credits.attach_payment": Function(_PERSON, at_coordinator=True),
    "credits.begin_purchase": Function(_PERSON),
    "credits.capture_reservation": _OF_A_HOLD,
    "credits.commit_reservation": _OF_A_HOLD,
    "credits.complete_purchase": Function(_PERSON, (REQUEST_ID,)),
    "credits.end_of_page": _READING,
    "credits.erase_user": Function(_PERSON, _BOTH, at_coordinator=True),
    "credits.extend_reservation": _OF_A_HOLD,
    # It changes nothing, and locks what it looks at.
    "credits.explain_use": Function(_EITHER, (CALLER,)),
    "credits.fail_purchase": Function(_PERSON),
    # By whatever is known of it.
    "credits.find_purchase": OF_NOBODY,
    "credits.fund_guild_pool": Function(_PERSON | _GUILD, _BOTH),
    "credits.get_balance": _READING,
    "credits.get_guild_balance": _READING_POOL,
    "credits.get_guild_limits": _READING_POOL,
    "credits.get_limits": _READING,
    "credits.get_low_balance_alert": Function(
        {"p_user_id": Kind.READING_PERSON, "p_organization_id": Kind.READING_GUILD}
    ),
    "credits.get_spending": _READING_POOL,
    "credits.get_spending_limits": _READING_POOL,
    "credits.grant_credits": Function(_PERSON, _BOTH),
    "credits.init_balance": Function(_PERSON, (CALLER,)),
    "credits.init_guild_pool": Function(_GUILD, (CALLER,)),
    "credits.list_guild_transactions": _READING_POOL,
    "credits.list_purchases": _READING,
    "credits.list_transactions": _READING,
    "credits.list_usage": _READING,
    "credits.list_usage_by_operation": _READING,
    # It changes nothing, and locks what it looks at.
    "credits.quote": Function(_EITHER, (CALLER,)),
    "credits.record_reversal": Function(_PERSON, (REQUEST_ID,)),
    "credits.refund_credits": Function(_PERSON, _BOTH),
    "credits.release_reservation": _OF_A_HOLD,
    "credits.reserve_credits": Function(_EITHER, _BOTH),
    "credits.save_stripe_customer": Function(_PERSON, at_coordinator=True),
    "credits.set_guild_limits": Function(_GUILD, (CALLER,)),
    "credits.set_limits": Function(_PERSON, (CALLER,)),
    "credits.set_low_balance_alert": Function(_PERSON | _GUILD, (CALLER,)),
    "credits.set_spending_limits": Function(_PERSON | _GUILD, (CALLER,)),
    "credits.use_credits": Function(_PERSON, _BOTH),
    # The one who uses it is only counted.
    "credits.use_guild_credits": Function(_GUILD, _BOTH),
    "gifts.cancel_gift": Function(_GIVER, _BOTH),
    "gifts.create_gift": Function(_GIVER, _BOTH),
    "gifts.get_gift": Function({"p_address": Kind.ADDRESS}),
    "gifts.list_created_gifts": _READING,
    "gifts.list_received_gifts": _READING,
    "gifts.redeem_gift": Function(_PERSON | {"p_code": Kind.GIFT}, _BOTH),
    "gifts.redeem_pending_gifts": Function(_PERSON, _BOTH),
    "gifts.riddle_salt": _READING,
}
