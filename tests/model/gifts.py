"""A gift code: what it cost, whom it is for, and who has taken a portion."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.model.accounts import Answer
from tests.model.refusals import Refused


@dataclass
class Gift:
    """A gift code; `email` is whom it is for, `riddle` the answer that it asks for."""

    name: str
    creator: str
    portion: Decimal
    portions: int
    expires_at: datetime
    email: str | None = None
    riddle: str | None = None
    status: str = "active"
    redeemers: list[str] = field(default_factory=list)
    returned: Answer = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """The price of it."""
        return self.portion * self.portions

    def request(self, total: int) -> tuple[Any, ...]:
        """The fields that tell one gift request from another: those always kept, and the rest."""
        email = self.email and self.email.lower()
        kept = (self.portion, self.portions, self.expires_at, self.riddle, email is not None)
        return "gift", kept, (total, email)

    def is_open(self, now: datetime) -> bool:
        """True if somebody can still take a portion."""
        return self.status == "active" and self.expires_at > now

    def is_for(self, email: str | None) -> bool:
        """True if it is for who has this address; without a target it is for everybody."""
        return self.email is None or (email is not None and self.email.lower() == email.lower())

    def failure(
        self, user_id: str, email: str | None, answer: str | None, now: datetime
    ) -> str | None:
        """Return why somebody may not have a portion."""
        if user_id in self.redeemers:
            return "failed_already_claimed"
        if self.status == "refunded" or (self.status == "active" and self.expires_at <= now):
            return "failed_expired"
        if self.status == "cancelled":
            raise Refused("UG002")
        if self.status == "depleted":
            return "failed_depleted"
        if not self.is_for(email):
            return "failed_wrong_user"
        if self.riddle is None:
            return None
        if answer is None:
            raise Refused("UG005")
        return None if answer == self.riddle else "failed_wrong_answer"

    def take(self, user_id: str) -> None:
        """Give somebody the next portion."""
        self.redeemers.append(user_id)
        if len(self.redeemers) == self.portions:
            self.status = "depleted"

    def forget_creator(self, pseudonym: str) -> None:
        """Forget who made it and what they wrote."""
        self.creator = pseudonym
        self.email = self.email and pseudonym
        self.riddle = self.riddle and ""
