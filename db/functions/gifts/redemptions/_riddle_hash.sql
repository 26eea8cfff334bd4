create or replace function gifts._riddle_hash(p_answer text, p_salt text) returns text
language plpgsql immutable
as $$
declare
    v_hash bytea := sha256(convert_to(p_salt || ':' || gifts._fold_answer(p_answer), 'UTF8'));
begin
    for v_round in 1..1000 loop
        v_hash := sha256(v_hash);
    end loop;
    return p_salt || ':' || encode(v_hash, 'hex');
end
$$;

comment on function gifts._riddle_hash is
    'A riddle''s answer as it is kept: salted and stretched, of what gifts._fold_answer makes of it';
