create or replace function credits._matrix_ids_of(p_user_id text) returns text[]
language plpgsql stable
as $$
begin
    -- The id let them redeem the gift; where an address is named too it may have been that.
    return array(
        select distinct g.target_matrix_id
        from gifts.gift_redemptions r
        join gifts.gift_codes g on g.code = r.code
        where r.redeemer_user_id = p_user_id and r.status = 'success'
            and g.target_email is null
            and g.target_matrix_id <> '' and not credits._is_pseudonym(g.target_matrix_id)
    );
end
$$;

comment on function credits._matrix_ids_of is
    'The Matrix ids of a person: those that they redeemed gifts with. Nothing that an erasure left in the place of one is among them';
