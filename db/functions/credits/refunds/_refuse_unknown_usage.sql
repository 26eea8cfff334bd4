create or replace function credits._refuse_unknown_usage(p_transaction_id uuid) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UC009',
        message = 'This user has no such usage',
        detail = json_build_object('transactionId', p_transaction_id)::text,
        hint = 'Give the id of a usage of this user''s, or leave it out to credit the user';
end
$$;

comment on function credits._refuse_unknown_usage is 'Raises UC009 transaction_not_found';
