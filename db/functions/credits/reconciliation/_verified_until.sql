create or replace function credits._verified_until() returns timestamptz
language plpgsql stable
as $$
begin
    if credits._reconciliation_is_full() then
        return '-infinity';
    end if;
    -- What was in a transaction then has an earlier time and was not seen.
    return coalesce(
        (
            select r.started_at - interval '1 hour' from credits.reconciliations r
            where r.clean order by r.id desc limit 1
        ),
        '-infinity'
    );
end
$$;

comment on function credits._verified_until() is
'Until when purchases, gifts and the like were seen by the last clean run; what is later is looked at again. Without end
in a full run';
