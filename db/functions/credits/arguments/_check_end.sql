create or replace function credits._check_end(p_field text, p_at timestamptz) returns void
language plpgsql stable
as $$
begin
    -- Beyond that a reader of another time zone has a year of five digits, which RFC 3339 cannot write.
    if p_at <= credits._now() or p_at >= '9999-12-31 00:00:00+00' then
        perform credits._refuse_invalid(p_field, 'must lie in the future, and before 9999-12-31');
    end if;
end
$$;

comment on function credits._check_end is
    'Raises UC001 unless p_at, at which something ends by itself, is to come; null is never';
