create or replace function credits._plain_spaces(p_text text) returns text
language sql immutable parallel safe
as $$
    select translate(
        p_text,
        U&'\0009\000a\000b\000c\000d\0085\00a0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\2028\2029\202f\205f\3000',
        repeat(' ', 24)
    )
$$;

comment on function credits._plain_spaces(text) is
    'Spaces for all that Unicode calls white space, the same whatever the locale, as \s of a regular expression is not';
