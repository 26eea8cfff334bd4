create or replace function credits._utc(p_at timestamptz) returns text
language sql stable
as $$
    select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

comment on function credits._utc is 'A moment as it stands in JSON, whatever the session''s time zone';
