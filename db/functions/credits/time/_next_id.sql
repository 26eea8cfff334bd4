create or replace function credits._next_id(p_last uuid) returns uuid
language plpgsql volatile
as $$
begin
    return credits._id_after(p_last, credits._new_id());
end
$$;

comment on function credits._next_id(uuid) is
    'A time-ordered id that sorts after p_last, whatever the clock does: the order of an account''s ids is the order of its ledger';
