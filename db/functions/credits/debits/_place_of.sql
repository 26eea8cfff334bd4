create or replace function credits._place_of(p_account_id text) returns credits.account_id
language plpgsql immutable
as $$
begin
    return p_account_id;
end
$$;

comment on function credits._place_of is
'The account by which a call finds its machine, as Citus has it: known when the call is planned, and on that machine an
expression of a domain. Of a plain constant Citus would hold every statement there to this account, and refuse those
that read settings beside an entry';
