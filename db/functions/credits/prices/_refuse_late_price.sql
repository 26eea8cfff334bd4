create or replace function credits._refuse_late_price() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Who asks meanwhile is charged by the price before: for so long a reconciliation takes that for right.
    if clock_timestamp() > new.created_at + interval '1 minute' then
        perform credits._refuse_invalid(
            'validFrom', 'must be committed within a minute: what was charged meanwhile followed from another price'
        );
    end if;
    return null;
end
$$;

comment on function credits._refuse_late_price is
    'Trigger: refuses a price that is committed more than a minute after it was written (UC001)';
