create or replace function credits._refuse_past_price() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Of several machines each has a clock of its own.
    if new.valid_from < now() - (
            select case when s.spread then interval '5 seconds' else '0' end from credits.settings s
        )
        or new.valid_from >= '9999-12-31 00:00:00+00'
    then
        perform credits._refuse_invalid(
            'validFrom',
            'must be a moment that does not lie in the past, where what was charged would follow from another price, '
            'and in a year of four digits'
        );
    end if;
    new.created_at := clock_timestamp();
    new.unit_price := trim_scale(new.unit_price);
    new.per := trim_scale(new.per);
    new.step := trim_scale(new.step);
    new.minimum := trim_scale(new.minimum);
    return new;
end
$$;

comment on function credits._refuse_past_price is
'Trigger: refuses a price that is valid before its transaction began (UC001), notes when it was written down. Figures
are kept without zeros at their end';
