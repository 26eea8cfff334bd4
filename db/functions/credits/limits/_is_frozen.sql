create or replace function credits._is_frozen(p_account_id text, p_kind credits.account_kind) returns boolean
language plpgsql stable
as $$
begin
    return exists (
        select from credits.accounts a where a.account_id = p_account_id and a.kind = p_kind and a.frozen_at is not null
    );
end
$$;

comment on function credits._is_frozen is 'Whether nothing goes out of an account';
