create or replace function credits._bury_account(p_user_id text) returns void
language plpgsql
as $$
declare
    v_marks text[];
    v_frozen boolean;
begin
    v_marks := array(
        select m.mark
        from credits.entries e
        cross join lateral (
            values
                ('key:' || e.idempotency_key),
                (case when e.type = 'grant' or (e.type = 'gift' and e.amount > 0 and not e.reversal) then e.type || ':' || e.reference_id end)
        ) m (mark)
        where e.account_id = p_user_id and e.kind = 'person' and m.mark is not null
        union all
        select 'key:' || a.idempotency_key from credits.admin_actions a where a.account_id = p_user_id and a.idempotency_key is not null
    );
    perform credits._bury(p_user_id, 'person', v_marks);
    select a.frozen_at is not null into v_frozen from credits.accounts a where a.account_id = p_user_id and a.kind = 'person';
    perform credits._bury(p_user_id, 'person', array['frozen'], v_frozen);
end
$$;

comment on function credits._bury_account is
    'Keeps tombstones of what is still to be recognized of a person''s own account: their keys, grants and gifts, and that it is frozen';
