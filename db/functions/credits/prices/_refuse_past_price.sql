create or replace function credits._refuse_past_price() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_when = 'AFTER' then
        -- Who asks meanwhile is charged by the price before: for so long a reconciliation takes that for right.
        if clock_timestamp() > new.created_at + interval '1 minute' then
            perform credits._refuse_invalid('validFrom', 'must be committed within a minute: what was charged meanwhile followed from another price');
        end if;
        return null;
    end if;
    if new.valid_from < now() or not isfinite(new.valid_from) then
        perform credits._refuse_invalid('validFrom', 'must be a moment that does not lie in the past: what was charged would follow from another price');
    end if;
    new.created_at := clock_timestamp();
    new.unit_price := trim_scale(new.unit_price);
    new.per := trim_scale(new.per);
    new.step := trim_scale(new.step);
    new.minimum := trim_scale(new.minimum);
    return new;
end
$$;

comment on function credits._refuse_past_price() is
    'Trigger: refuses a price that is valid before the transaction that inserts it began, or that is committed more than a minute after it was written (UC001), notes when it was written down, and keeps figures without zeros at their end';
