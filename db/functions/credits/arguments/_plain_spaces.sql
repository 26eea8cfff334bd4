create or replace function credits._plain_spaces(p_text text) returns text
language sql immutable parallel safe
as $$
    select translate(
        p_text,
        E'\t\n\u000b\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003'
        '\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
        repeat(' ', 24)
    )
$$;

comment on function credits._plain_spaces is
    'Spaces for all that Unicode calls white space, the same whatever the locale, as \s of a regular expression is not';
