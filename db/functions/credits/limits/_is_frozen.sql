create or replace function credits._is_frozen(p_account_id text, p_kind credits.account_kind) returns boolean
language plpgsql stable
as $$
declare
    v_frozen boolean;
begin
    select a.frozen_at is not null into v_frozen
    from credits.accounts a
    where a.account_id = p_account_id and a.kind = p_kind;
    if not found then
        v_frozen := credits._is_buried(p_account_id, p_kind, 'frozen');
    end if;
    return v_frozen;
end
$$;

comment on function credits._is_frozen is
    'Whether nothing goes out of an account, also of one that would be opened frozen';
