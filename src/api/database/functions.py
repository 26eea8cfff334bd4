"""The functions of the database that the API calls: whose each call is, and whether it writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from api.database.gates import Account, Kind
from api.database.statements import Arguments


@dataclass(frozen=True, slots=True)
class Function:
    """A function that the API calls.

    Attributes:
        accounts: Parameters that name an account, also those that may be left out. The function
            takes the account's lock, or only reads for it.
        writes: Whether it may write ledger rows, which then have the request's id.
    """

    accounts: Mapping[str, Kind] = field(default_factory=dict)
    writes: bool = True

    def accounts_of(self, arguments: Arguments) -> list[Account]:
        """Return the accounts at whose gates a call has to wait."""
        return [
            Account(kind, "" if kind is Kind.HOLDS else arguments[parameter])
            for parameter, kind in self.accounts.items()
            if arguments.get(parameter) is not None
        ]


_JOB = Function()
_READING_JOB = Function(writes=False)
_OF_PERSON = Function({"p_user_id": Kind.PERSON})
_OF_GUILD = Function({"p_organization_id": Kind.GUILD})
_OF_EITHER = Function({"p_user_id": Kind.PERSON, "p_guild_id": Kind.GUILD})
_OF_BOTH = Function({"p_user_id": Kind.PERSON, "p_organization_id": Kind.GUILD})
_OF_HOLD = Function({"p_reservation_id": Kind.HOLDS})
_OF_GIVER = Function({"p_creator_id": Kind.PERSON})
_READING = Function({"p_user_id": Kind.READING_PERSON}, writes=False)
_READING_POOL = Function({"p_organization_id": Kind.READING_GUILD}, writes=False)

FUNCTIONS: Final[Mapping[str, Function]] = {
    "credits.ack_events": _JOB,
    "credits.attach_payment": _OF_PERSON,
    "credits.begin_purchase": _OF_PERSON,
    "credits.claim_job": _JOB,
    "credits.claim_measurement": _JOB,
    "credits.claim_webhooks": _JOB,
    "credits.commit_reservation": _OF_HOLD,
    "credits.complete_purchase": _OF_PERSON,
    "credits.confirm_customer_deletion": _JOB,
    "credits.end_of_page": _READING,
    "credits.erase_user": _OF_PERSON,
    "credits.expire_attempts": _JOB,
    "credits.expire_due": _JOB,
    "credits.extend_reservation": _OF_HOLD,
    # It changes nothing, and locks what it looks at.
    "credits.explain_use": Function(_OF_EITHER.accounts, writes=False),
    "credits.fail_purchase": _OF_PERSON,
    "credits.find_purchase": _READING_JOB,
    "credits.fund_guild_pool": _OF_BOTH,
    "credits.get_balance": _READING,
    "credits.get_guild_balance": _READING_POOL,
    "credits.get_low_balance_alert": Function(
        {"p_user_id": Kind.READING_PERSON, "p_organization_id": Kind.READING_GUILD}, writes=False
    ),
    "credits.get_metrics": _READING_JOB,
    "credits.get_purchase": _READING,
    "credits.get_spending": _READING_POOL,
    "credits.get_spending_limits": _READING_POOL,
    "credits.grant_credits": _OF_PERSON,
    "credits.init_balance": _OF_PERSON,
    "credits.init_guild_pool": _OF_GUILD,
    "credits.limits_time_zone": _READING_JOB,
    "credits.list_completed_purchases": _READING_JOB,
    "credits.list_customer_deletions": _READING_JOB,
    "credits.list_guild_transactions": _READING_POOL,
    "credits.list_open_disputes": _READING_JOB,
    "credits.list_packages": _READING_JOB,
    "credits.list_refunded_purchases": _READING_JOB,
    "credits.list_purchases": _READING,
    "credits.list_transactions": _READING,
    "credits.list_unsettled_purchases": _READING_JOB,
    "credits.list_usage": _READING,
    "credits.measure": _JOB,
    "credits.order_events": _JOB,
    "credits.read_events": _JOB,
    "credits.record_dispute": _OF_PERSON,
    "credits.record_refund": _OF_PERSON,
    "credits.refund_credits": _OF_PERSON,
    "credits.release_reservation": _OF_HOLD,
    "credits.release_webhook": _JOB,
    "credits.reserve_credits": _OF_EITHER,
    "credits.save_stripe_customer": _OF_PERSON,
    "credits.seal": _JOB,
    "credits.set_low_balance_alert": _OF_BOTH,
    "credits.set_spending_limits": _OF_BOTH,
    "credits.trim_events": _JOB,
    "credits.use_credits": _OF_PERSON,
    # The one who uses it is only counted.
    "credits.use_guild_credits": _OF_GUILD,
    "gifts.cancel_gift": _OF_GIVER,
    "gifts.create_gift": _OF_GIVER,
    "gifts.expire_gifts": _JOB,
    "gifts.get_public_gift": Function({"p_address": Kind.ADDRESS}),
    "gifts.list_created_gifts": _READING,
    "gifts.list_received_gifts": _READING,
    "gifts.redeem_pending_gifts": _OF_PERSON,
    "gifts.redeem_typed_code": Function({"p_user_id": Kind.PERSON, "p_code": Kind.GIFT}),
}
