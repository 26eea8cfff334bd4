create or replace function gifts._new_code() returns text
language plpgsql volatile
as $$
declare
    v_alphabet constant text := 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
    -- The first 48 bits of a version 4 UUID are all random and come from the server's strong source; 9 characters take 45 of them.
    v_random bigint := ('x' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 12))::bit(48)::bigint;
    v_code text := '';
begin
    for v_i in 1..9 loop
        v_code := v_code || substr(v_alphabet, (v_random % 32)::integer + 1, 1);
        v_random := v_random / 32;
    end loop;
    return v_code || gifts._check_character(v_code);
end
$$;

comment on function gifts._new_code is
    'A code for a gift: 9 random characters that people can tell apart, and a check character';
