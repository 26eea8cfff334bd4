create or replace function credits._is_email(p_email text) returns boolean
language sql immutable parallel safe
as $$
    select char_length(p_email) <= 254
        and credits._plain_spaces(p_email) ~
            E'^[^ @()<>\\[\\],:;"\\\\\\u0001-\\u001f\\u007f-\\u009f]+@'
            '[^ .@()<>\\[\\],:;"\\\\\\u0001-\\u001f\\u007f-\\u009f]+'
            '(\\.[^ .@()<>\\[\\],:;"\\\\\\u0001-\\u001f\\u007f-\\u009f]+)*$'
$$;

comment on function credits._is_email is
'True if p_email can be an e-mail address by itself, without a name beside it: at most 254 characters, of any alphabet;
null gives null';
