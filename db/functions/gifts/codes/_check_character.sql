create or replace function gifts._check_character(p_text text) returns text
language plpgsql immutable strict
as $$
declare
    v_alphabet constant text := 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
    v_sum integer := 0;
    v_value integer;
begin
    -- Luhn's algorithm in base 32, from the right, every second character doubled.
    for v_i in reverse char_length(p_text)..1 loop
        v_value := strpos(v_alphabet, substr(p_text, v_i, 1)) - 1;
        if v_value < 0 then
            return null;
        end if;
        if (char_length(p_text) - v_i) % 2 = 0 then
            v_value := v_value * 2;
            v_value := v_value / 32 + v_value % 32;
        end if;
        v_sum := v_sum + v_value;
    end loop;
    return substr(v_alphabet, (32 - v_sum % 32) % 32 + 1, 1);
end
$$;

comment on function gifts._check_character is
'The last character of a gift code, made from the others: any one wrong character and nearly every swap of two is
noticed. Null when p_text has a character that no code has';
