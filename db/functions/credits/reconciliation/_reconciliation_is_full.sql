create or replace function credits._reconciliation_is_full() returns boolean
language sql stable
as $$
    select current_setting('credits.reconciliation', true) is distinct from 'new'
$$;

comment on function credits._reconciliation_is_full() is
    'True if the views of the schema reconcile look at all there is, as they do unless credits.reconcile tells them '
    'to look at what is new';
