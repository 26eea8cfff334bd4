create or replace function credits._reconciliation_is_full() returns boolean
language sql stable
as $$
    select coalesce(current_setting('credits.reconciliation', true), '') = ''
$$;

comment on function credits._reconciliation_is_full() is
'True if the views of the schema reconcile look at all there is, as they do unless credits.reconcile tells them which
accounts have changed';
