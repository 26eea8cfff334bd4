create or replace function gifts._shown_name(p_name text) returns text
language sql immutable parallel safe
as $$
    select case when credits._plain_spaces(p_name) !~ '[^@ ]@[^@ ]' then nullif(credits._clean_text(btrim(p_name, E' \t\r\n'), 80), '') end
$$;

comment on function gifts._shown_name is
'A creator''s name as whoever has the gift''s code sees it: at most 80 characters. Null for a blank one, and for one
with an e-mail address in it';
