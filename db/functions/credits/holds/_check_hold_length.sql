create or replace function credits._check_hold_length(p_expires_in_seconds integer) returns void
language plpgsql
as $$
begin
    if (p_expires_in_seconds between 1 and 2592000) is not true then
        perform credits._refuse_invalid('expiresInSeconds', 'must be from 1 to 2592000 (30 days)');
    end if;
end
$$;

comment on function credits._check_hold_length is 'Raises UC001 unless a hold can last so long from now on';
