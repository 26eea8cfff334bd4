create or replace function credits._charge_told(p_held credits.reservations) returns jsonb
language plpgsql stable
as $$
begin
    return (
        select e.charge
        from credits.entries e
        where e.account_id = p_held.account_id and e.kind = p_held.kind and e.sequence = p_held.sequence
    );
end
$$;

comment on function credits._charge_told is
    'The charge of the items of a hold, whose prices captures and the commit keep; null for a hold of an amount';
