create or replace function gifts._check_target(p_hash bytea) returns void
language plpgsql stable
as $$
declare
    v_window constant interval := interval '1 day';
    v_now constant timestamptz := credits._now();
    v_oldest timestamptz;
begin
    -- Nobody waits for others here: of those who come at once a few more may pass.
    select g.created_at into v_oldest
    from gifts.gift_codes g
    where g.target_hash = p_hash and g.id >= credits._id_floor(v_now - v_window)
    order by g.id desc
    offset 49
    limit 1;
    if v_oldest > v_now - v_window then
        perform credits._refuse_too_many_attempts(v_oldest + v_window, p_at_gifts => true);
    end if;
end
$$;

comment on function gifts._check_target is
    'Raises UG008 where an address, named by its hash, was given 50 gifts within a day, whoever made them. So the '
    'gifts that wait for somebody stay few enough to be given';
