create or replace function credits._use_spread_batch(
    p_kind credits.account_kind, p_requests credits.use_request[], p_caller text
) returns credits.use_outcome[]
language plpgsql
as $$
declare
    v_login constant text := credits._login();
    v_account_ids constant text[] := array(select r.account_id from unnest(p_requests) r);
    v_order constant integer[] := array(
        select i.item from unnest(v_account_ids) with ordinality as i (account_id, item) order by i.account_id, i.item
    );
    v_machines integer[];
    v_run record;
    v_item integer;
    v_outcome credits.use_outcome;
    v_outcomes credits.use_outcome[] := '{}';
begin
    -- No plan is for all: it would not know the machine.
    perform set_config('plan_cache_mode', 'auto', true);
    foreach v_item in array v_order loop
        perform credits._hold_in_place(v_account_ids[v_item]);
    end loop;
    -- What a caller has spent today, and a pool's member at first use, are rows of another machine. So are tombstones,
    -- and there nobody sees those of an erasure in this transaction.
    if p_kind = 'person' and coalesce(current_setting('credits.buried', true), '') = '' and not exists (
        select from credits.service_caps c
        where c.caller = credits._caller(p_caller) and c.max_amount_per_day is not null
    ) then
        v_machines := credits._elsewhere(v_account_ids);
    end if;
    for v_each in 0..1 loop
        begin
            -- Neighbours, in the order of their ids, of one machine go there together.
            for v_run in
                select
                    r.machine, array_agg(r.item order by r.place) as items,
                    array_agg(p_requests[r.item] order by r.place) as requests
                from (
                    select
                        o.item, o.place, o.machine,
                        o.place - row_number() over (partition by o.machine order by o.place) as run
                    from (
                        select
                            i.item, i.place,
                            case when credits._is_id(v_account_ids[i.item]) then v_machines[i.item] end as machine
                        from unnest(v_order) with ordinality as i (item, place)
                    ) o
                ) r
                group by r.machine, r.run
                order by min(r.place)
            loop
                if v_run.machine is not null then
                    for v_outcome in
                        select *
                        from credits._use_batch_there(
                            credits._place_of(v_run.requests[1].account_id), v_login, v_run.requests, p_caller
                        )
                    loop
                        v_outcome.item := v_run.items[v_outcome.item];
                        v_outcomes[v_outcome.item] := v_outcome;
                    end loop;
                    continue;
                end if;
                foreach v_item in array v_run.items loop
                    if v_each = 0 then
                        v_outcomes[v_item] := credits._use_one(p_kind, v_item, p_requests[v_item], p_caller);
                    else
                        v_outcomes[v_item] := credits._use_item(p_kind, v_item, p_requests[v_item], p_caller, true);
                    end if;
                end loop;
            end loop;
            exit;
        exception when others then
            -- One is refused: so each with a point of its own to go back to, which is a message to every machine.
            if v_each = 1 or sqlstate !~ '^UC' and not (sqlstate = '55P03' and p_kind = 'person') then
                raise;
            end if;
        end;
    end loop;
    return v_outcomes;
end
$$;

comment on function credits._use_spread_batch is
'credits._use_batch where accounts are spread: one account after the other, in the order of their ids, so none waits for
one before it. What lies elsewhere is decided there, if all that it writes lies there, too';
