"""Sealing ledgers, so that a later change of their rows is evident (docs/tamper-evidence.md)."""

import logging
from functools import partial

from api.database.client import Functions
from api.database.rows import Row
from worker.jobs import Job, JobClaim

logger = logging.getLogger("worker.sealing")

# A row becomes evidence within about this time, plus what a round takes.
INTERVAL_SECONDS = 900.0

_BATCH = 5000


class SealedRows(Row):
    """Ledger rows that a batch sealed, and where the next one goes on; null after the last."""

    rows_sealed: int
    next_after: str | None


def sealing_job(functions: Functions) -> Job:
    """Return the job that seals all ledgers every quarter of an hour; one process does it."""
    return Job("seal", partial(seal, functions))


async def seal(functions: Functions) -> bool:
    """Seal what has come since the last round, if it is time to; never leaves any of it."""
    claim = await functions.one(
        "credits.claim_job", JobClaim, p_name="seal", p_seconds=INTERVAL_SECONDS
    )
    if claim.claim_job:
        sealed = 0
        after: str | None = ""
        while after is not None:
            done = await functions.one("credits.seal", SealedRows, p_after=after, p_limit=_BATCH)
            sealed += done.rows_sealed
            after = done.next_after
        if sealed:
            logger.info("ledgers sealed", extra={"rows": sealed})
    return False
