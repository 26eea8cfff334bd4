create or replace function credits._is_clean_text(p_text text, p_most integer default 1000) returns boolean
language sql immutable parallel safe
as $$
    select char_length(p_text) <= p_most and p_text !~ E'[\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]'
$$;

comment on function credits._is_clean_text is
'True if a text that only decorates a movement is kept as it is. It has at most p_most characters, and no control
character but line breaks and tabs. Null gives null. Inlined where it is used';
