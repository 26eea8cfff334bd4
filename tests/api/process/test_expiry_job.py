"""Expiries are written down by themselves, without anybody asking."""

from datetime import UTC, datetime, timedelta

from tests.api.live_api import LiveApi, ok, wait_until
from tests.api.service_calls import grant, hold


def status_of(api: LiveApi, reservation: str) -> str:
    [row] = api.audit("select status from credits.reservations where id = %s", reservation)
    return str(row["status"])


def test_holds_past_their_time_end(api: LiveApi) -> None:
    user, guild = api.user(5), api.guild(5)
    own = hold(api, user.id, 4, expiresInSeconds=1)
    pooled = hold(api, guild.member.id, 4, guildId=guild.id, expiresInSeconds=1)
    wait_until(lambda: {status_of(api, own), status_of(api, pooled)} == {"expired"})
    balances = api.audit("select reserved from credits.balances where user_id = %s", user.id)
    assert [row["reserved"] for row in balances] == [0]


def test_credits_past_their_date_leave(api: LiveApi) -> None:
    user = api.user()
    ok(grant(api, user.id, 4, expiresAt=datetime.now(UTC) + timedelta(seconds=2)))
    wait_until(lambda: user.amounts() == [4, -4])
