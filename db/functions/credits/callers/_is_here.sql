create or replace function credits._is_here(p_account_id text) returns boolean
language plpgsql stable
as $$
begin
    return (credits._elsewhere(array[p_account_id]))[1] is null;
end
$$;

comment on function credits._is_here is
    'True if an account lies on this machine. A change of a row that each machine has happens on all at once, and one '
    'of them takes note';
