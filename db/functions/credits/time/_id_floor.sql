create or replace function credits._id_floor(p_at timestamptz) returns uuid
language sql immutable parallel safe
as $$
    select case
        when p_at <= '1970-01-01 00:00:00+00' then '00000000-0000-0000-0000-000000000000'
        when p_at >= '9999-01-01 00:00:00+00' then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
        else (lpad(to_hex(floor(extract(epoch from p_at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
    end
$$;

comment on function credits._id_floor is
    'The lowest id that can have been made in the millisecond of p_at: turns a time into a place in a ledger''s key';
