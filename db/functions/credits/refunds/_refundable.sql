create or replace function credits._refundable(p_usage credits.entries) returns numeric
language sql stable
as $$
    select -p_usage.amount - coalesce((
        select sum(e.amount)
        from credits.entries e
        where e.account_id = p_usage.account_id and e.kind = p_usage.kind and e.type = 'refund' and e.reference_id = p_usage.id::text
    ), 0)
$$;

comment on function credits._refundable(credits.entries) is 'What is left of a usage to refund; the caller has locked the account';
