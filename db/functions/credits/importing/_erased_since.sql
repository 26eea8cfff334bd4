create or replace function credits._erased_since(p_user_id text) returns boolean
language sql stable
as $$
    select credits._is_buried(p_user_id, 'person', 'grant:opening')
$$;

comment on function credits._erased_since is
    'Whether a person was brought from the predecessor and erased since: their opening entry has a tombstone';
