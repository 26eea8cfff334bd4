create or replace function credits._keyed_hash(p_text text, p_key bytea) returns bytea
language sql immutable parallel safe
as $$
    select sha256(p_key || sha256(p_key || convert_to(p_text, 'UTF8')))
$$;

comment on function credits._keyed_hash is
'What is kept of a text where nothing needs the text itself. Without the key (credits.address_key) nobody can try texts
until one fits';
