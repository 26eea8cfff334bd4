create or replace function credits._fold_address(p_address text) returns text
language sql immutable parallel safe
as $$
    select lower(p_address collate "C")
$$;

comment on function credits._fold_address is
'An e-mail address in the form by which it is told whose it is: ASCII letters small, nothing else changed, whatever the
locale';
