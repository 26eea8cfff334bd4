"""Refusals of the service, and the caps that a caller may have."""

from dataclasses import dataclass
from decimal import Decimal


class Refused(Exception):  # noqa: N818
    """A refusal of the service; `code` is the SQLSTATE."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Cap:
    """The caps of a caller; None is no cap."""

    operations: tuple[str, ...] | None = None
    app_ids: tuple[str, ...] | None = None
    max_amount: Decimal | None = None
    max_amount_per_day: Decimal | None = None

    def allows(self, operation: str, app_id: str | None, amount: Decimal, moved: Decimal) -> bool:
        """True if a call may be made by who has `moved` so much on this day."""
        return (
            (self.operations is None or operation in self.operations)
            and (self.app_ids is None or app_id is None or app_id in self.app_ids)
            and (self.max_amount is None or amount <= self.max_amount)
            and (
                self.max_amount_per_day is None
                or amount == 0
                or moved + amount <= self.max_amount_per_day
            )
        )
