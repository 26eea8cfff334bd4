-- Erasing a person: identities become a pseudonym, free text goes, amounts stay.

set local role credits_owner;

-- Found by person, not by account: what an erasure has to rewrite elsewhere.
create index if not exists guild_spending_limits_by_user on credits.guild_spending_limits (user_id);
create index if not exists guild_member_spending_by_user on credits.guild_member_spending (user_id);
create index if not exists gift_redemptions_by_user on gifts.gift_redemptions (redeemer_user_id);
create index if not exists reservations_by_user on credits.reservations (user_id);
