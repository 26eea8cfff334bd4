"""Ledgers are sealed by themselves, without anybody asking."""

from tests.api.live_api import LiveApi, wait_until


def let_a_quarter_of_an_hour_pass(api: LiveApi) -> None:
    with api.database.connect() as owner:
        owner.execute(
            "update credits.job_claims set claimed_at = claimed_at - interval '15 minutes' "
            "where name = 'seal'"
        )


def test_ledgers_are_sealed_every_quarter_of_an_hour(api: LiveApi) -> None:
    user, guild = api.user(5), api.guild(5)
    wait_until(lambda: api.audit("select from credits.job_claims where name = 'seal'"))
    let_a_quarter_of_an_hour_pass(api)
    for account in (user.id, guild.id):
        wait_until(lambda: api.audit("select from credits.seals where account_id = %s", account))  # noqa: B023
