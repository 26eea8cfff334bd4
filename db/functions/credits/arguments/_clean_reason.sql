create or replace function credits._clean_reason(p_reason text) returns text
language sql immutable parallel safe
as $$
    select btrim(credits._clean_text(p_reason), E' \t\r\n\u00a0\u200b\ufeff\ufffd')
$$;

comment on function credits._clean_reason is
'Why something is done, as it is kept: without spaces, line breaks and what is left of control characters at both ends;
empty where there is nothing else to read';
