create or replace function credits._now() returns timestamptz
language sql volatile parallel safe
as 'select pg_catalog.clock_timestamp()';

comment on function credits._now is
'The present moment, for every rule that depends on it. In one place, so that a test can move it in a database of its
own';
