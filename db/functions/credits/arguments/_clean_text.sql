create or replace function credits._clean_text(p_text text, p_most integer default 1000) returns text
language sql immutable parallel safe
as $$
    select case
        when credits._is_clean_text(p_text, p_most) then p_text
        else regexp_replace(
            left(p_text, p_most), E'[\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]', chr(65533), 'g'
        )
    end
$$;

comment on function credits._clean_text is
'A text that only decorates a movement, as it is kept. It is cut after p_most characters; U+FFFD takes the place of
control characters but line breaks and tabs. Such a text never stops the movement. Null gives null. Inlined where it is
used';
