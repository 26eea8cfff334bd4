create or replace function credits._last_entry(p_account_id text, p_kind credits.account_kind) returns credits.entries
language plpgsql stable
as $$
declare
    v_last credits.entries;
begin
    select * into v_last
    from credits.entries e
    where e.account_id = p_account_id and e.kind = p_kind
    order by e.sequence desc
    limit 1;
    return v_last;
end
$$;

comment on function credits._last_entry is
    'The newest entry of an account, which says how it stands; all null where there is none';
