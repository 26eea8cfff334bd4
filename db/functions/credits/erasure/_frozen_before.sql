create or replace function credits._frozen_before(p_user_id text) returns text
language sql stable
as $$
    select case when credits._is_buried(p_user_id, 'person', 'frozen') then 'Frozen before its person was erased' end
$$;

comment on function credits._frozen_before is
    'Why the account that somebody opens under this id is frozen from the beginning: its person was erased while it was. Null if it is not';
