create or replace function gifts._fold_answer(p_answer text) returns text
language sql immutable parallel safe
as $$
    -- The small letter of İ, as programs write it, is an i and a dot of its own; ß in capital letters is mostly SS.
    select btrim(regexp_replace(
        credits._plain_spaces(normalize(
            replace(replace(gifts._fold_letters(normalize(p_answer, nfkc)), E'i\u0307', 'i'), 'ß', 'ss'), nfkc
        )),
        ' +', ' ', 'g'
    ))
$$;

comment on function gifts._fold_answer is
'A riddle''s answer as it is meant. Case, white space and the way letters are composed do not count, on every locale; ß
is ss. A blank one gives an empty text';
