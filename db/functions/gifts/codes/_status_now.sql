create or replace function gifts._status_now(p_status gifts.gift_status, p_expires_at timestamptz)
returns gifts.gift_status
language sql stable
as $$
    select case when p_status = 'active' and p_expires_at <= credits._now() then 'expired' else p_status end
$$;

comment on function gifts._status_now is
    'The status that people see: a gift past its time is expired, even before it is paid back';
