create or replace function credits._end_act(p_act credits.admin_actions) returns credits.act
language plpgsql
as $$
declare
    v_replayed constant boolean := p_act.created_at is not null;
    v_last record;
begin
    if not v_replayed then
        if p_act.account_id <> '' then
            select b.balance into p_act.balance from credits.get_balance(p_act.account_id) b;
        end if;
        select a.sequence, a.hash into v_last
        from credits.admin_actions a
        where a.account_id = p_act.account_id
        order by a.sequence desc
        limit 1;
        p_act.sequence := coalesce(v_last.sequence, 0) + 1;
        p_act.created_at := credits._now();
        p_act.called_by := session_user;
        p_act.words_hash := credits._words_hash(to_jsonb(p_act), (select k.key from credits.address_key k));
        p_act.hash := credits._act_hash(to_jsonb(p_act), v_last.hash);
        insert into credits.admin_actions select (p_act).* on conflict do nothing;
        -- Somebody else acted at the same time.
        if not found then
            perform credits._refuse_outdated();
        end if;
    end if;
    return jsonb_populate_record(null::credits.act, to_jsonb(p_act) || jsonb_build_object('replayed', v_replayed));
end
$$;

comment on function credits._end_act is
'Writes the row of an act that _begin_act began and that is done now, or finds that of an earlier call. Returns the
answer. Raises 40001 where another act came between';
