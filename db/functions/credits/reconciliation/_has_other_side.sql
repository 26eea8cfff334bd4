create or replace function credits._has_other_side(
    p_account_id text, p_sequence bigint, p_id uuid, p_type credits.entry_type, p_amount numeric, p_reversal boolean,
    p_other_id text, p_reference_id text
) returns boolean
language plpgsql stable
as $$
begin
    if p_type in ('guild_funding', 'funding') then
        -- Each names the other's place in its ledger, by which it is found.
        return exists (
            select from credits.entries e
            where e.account_id = p_other_id
                and e.kind = (case p_type when 'funding' then 'person' else 'pool' end)::credits.account_kind
                and e.sequence = case when p_reference_id ~ '^[1-9][0-9]{0,17}$' then p_reference_id::bigint end
                and e.type in ('guild_funding', 'funding') and e.type <> p_type
                and e.other_id = p_account_id and e.reference_id = p_sequence::text and e.amount = -p_amount
        );
    end if;
    if p_amount < 0 or p_reversal then
        return exists (
            select g.id from gifts.gift_codes g
            where g.creator_id = p_account_id and g.id = credits._as_id(p_reference_id)
                and case
                    when p_reversal then g.refund_transaction_id = p_id and g.refunded_credits = p_amount
                    else g.reservation_transaction_id = p_id
                        and g.total_credits - g.credits_per_portion * g.claimed_before = -p_amount
                end
        );
    end if;
    return exists (
        select r.id from gifts.gift_redemptions r
        where r.redeemer_user_id = p_account_id and r.status = 'success' and r.id = p_id
            and r.credit_transaction_id = p_id and r.gift_code_id = credits._as_id(p_reference_id)
            and r.credits_received = p_amount
    );
end
$$;

comment on function credits._has_other_side(text, bigint, uuid, credits.entry_type, numeric, boolean, text, text) is
'True if the other account or the gift knows of an entry that moved credits from or to it; for the checks of the books';
