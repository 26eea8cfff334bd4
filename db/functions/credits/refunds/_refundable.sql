create or replace function credits._refundable(p_usage credits.entries) returns numeric
language plpgsql stable
as $$
declare
    v_refunded numeric;
begin
    select coalesce(sum(e.amount), 0) into v_refunded
    from credits.entries e
    where e.account_id = p_usage.account_id and e.kind = p_usage.kind and e.type = 'refund' and e.reference_id = p_usage.id::text;
    return -p_usage.amount - v_refunded;
end
$$;

comment on function credits._refundable(credits.entries) is 'What is left of a usage to refund; the caller has locked the account';
