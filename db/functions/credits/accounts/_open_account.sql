create or replace function credits._open_account(p_account_id text, p_kind credits.account_kind) returns void
language plpgsql
as $$
declare
    v_is_frozen boolean;
    v_now timestamptz;
begin
    if not exists (select from credits.accounts a where a.account_id = p_account_id and a.kind = p_kind) then
        perform credits._refuse_pseudonym(p_account_id);
    end if;
    perform credits._refuse_closed(p_account_id, p_kind);
    insert into credits.accounts (account_id, kind) values (p_account_id, p_kind) on conflict do nothing;
    -- In a statement of its own: the insert may have waited for an erasure.
    if found and credits._is_buried(p_account_id, p_kind) then
        v_is_frozen := credits._is_buried(p_account_id, p_kind, 'frozen');
        v_now := credits._now();
        update credits.accounts
        set
            has_tombstones = true, frozen_at = case when v_is_frozen then v_now end,
            frozen_reason = case when v_is_frozen then 'Frozen before its person was erased' end
        where account_id = p_account_id and kind = p_kind;
    end if;
end
$$;

comment on function credits._open_account is
'Opens an account with nothing in it unless it is there. One that somebody had who was erased knows it, and is frozen if
it was. Raises UC001 for a new one whose id looks like that of somebody who was erased, 55P03 while its person is being
erased';
