create or replace function credits._is_split_in(p_place text, p_account_id text, p_pseudonym text) returns boolean
language plpgsql stable
as $$
begin
    return credits._has_traces_in(p_place, p_account_id) and credits._has_traces_in(p_place, p_pseudonym);
end
$$;

comment on function credits._is_split_in(text, text, text) is
    'Whether something of what a person did in a pool or a gift is left under the id, and something under the pseudonym';
