"""Limits of one's own, those of a pool's members, and frozen accounts, as a service sets them."""

from tests.sql.calls import Row, Session, call, rows

By = dict[str | None, Row]


def set_own(session: Session, user_id: str, **limits: object) -> By:
    """Set daily, weekly, monthly or perApp; return all limits by app, None for all together."""
    answered = rows(session, "credits.set_limits", user_id=user_id, limits=limits)
    return {row["app_id"]: row for row in answered}


def own(session: Session, user_id: str) -> By:
    """A person's own limits by app, None for all together."""
    return {row["app_id"]: row for row in rows(session, "credits.get_limits", user_id=user_id)}


def spent(session: Session, user_id: str, app_id: str | None = None) -> tuple[object, ...]:
    """The credits that count for the day, the week and the month."""
    row = own(session, user_id)[app_id]
    return row["spent_today"], row["spent_this_week"], row["spent_this_month"]


def set_default(session: Session, organization_id: str, **limits: object) -> Row:
    """Set daily, weekly or monthly for all members; None removes one that is named."""
    named = {f"{window}_limit": value for window, value in limits.items()}
    given = {f"set_{window}": True for window in limits}
    return call(
        session, "credits.set_guild_limits", organization_id=organization_id, **named, **given
    )


def freeze(session: Session, user_id: str, reason: str = "Stolen") -> Row:
    """Let nothing go out any more."""
    return call(session, "credits.freeze_account", user_id=user_id, reason=reason)


def unfreeze(session: Session, user_id: str) -> Row:
    """Let everything go out again."""
    return call(session, "credits.unfreeze_account", user_id=user_id)
