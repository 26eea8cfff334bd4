create or replace function credits._refuse_buried(
    p_account_id text, p_kind credits.account_kind, p_what text, p_value text
) returns void
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_value is not null and exists (
        select from credits.accounts a where a.account_id = p_account_id and a.kind = p_kind and a.has_tombstones
    ) then
        if credits._is_buried(p_account_id, p_kind, p_what || ':' || p_value) then
            perform credits._refuse_reused_key(p_value);
        end if;
    end if;
end
$$;

comment on function credits._refuse_buried is
'Raises UC004 where a key, or a grant''s reference, moved credits of somebody who has been erased since: whoever has the
same id now is another';
