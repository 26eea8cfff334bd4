"""Errors: a refusal of the service, or no answer from it."""

from typing import Generic, TypeVar

Details = TypeVar("Details", covariant=True)

UNAVAILABLE = 500


class CreditsError(Exception, Generic[Details]):
    """A call was refused or failed. A code that is newer than this package has this class itself.

    Attributes:
        status: HTTP status; 0 without an answer.
        code: Stable and documented; decide by this or by the class.
        message: A sentence for people.
        details: The figures of the refusal; amounts are Decimals.
        request_id: Under this the service's log has it.
        retry_after: After how many seconds another try makes sense.
    """

    details: Details

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Details,
        *,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.request_id = request_id
        self.retry_after = retry_after

    @property
    def unavailable(self) -> bool:
        """True if the service said neither yes nor no, after all repetitions."""
        return self.status == 0 or self.status >= UNAVAILABLE


class UnreachableError(CreditsError[None]):
    """There was no answer. The call may have taken effect: repeat it with the same key."""

    def __init__(self, message: str) -> None:
        super().__init__(0, "unreachable", message, None)


class UnsettledError(CreditsError[None]):
    """The work is done and could not be charged; `__cause__` says why."""

    def __init__(self, reservation_id: str | None, cause: CreditsError[object]) -> None:
        super().__init__(
            cause.status,
            "unsettled",
            f"the work is done but not charged: {cause.message}",
            None,
            request_id=cause.request_id,
            retry_after=cause.retry_after,
        )
        self.reservation_id = reservation_id
