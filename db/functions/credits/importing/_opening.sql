create or replace function credits._opening(p_account_id text, p_kind credits.account_kind) returns credits.entries
language plpgsql stable
as $$
declare
    v_entry credits.entries;
begin
    select * into v_entry
    from credits.entries e
    where e.account_id = p_account_id and e.kind = p_kind and e.type = 'grant' and e.reference_id = 'opening';
    return v_entry;
end
$$;

comment on function credits._opening is
    'The entry with which an account was brought from the predecessor; all null for one that was not';
