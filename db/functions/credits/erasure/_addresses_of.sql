create or replace function credits._addresses_of(p_user_id text) returns bytea[]
language plpgsql stable
as $$
declare
    v_key constant bytea := (select k.key from credits.address_key k);
begin
    return array(
        select n.address_hash from credits.known_addresses n where n.user_id = p_user_id
        union
        select credits._address_hash(c.email, v_key)
        from credits.stripe_customers c
        where c.user_id = p_user_id and c.email is not null
        union
        -- The address let them redeem it; where a Matrix id is named too it may have been that.
        select credits._address_hash(g.target_email, v_key)
        from gifts.gift_redemptions r
        join gifts.gift_codes g on g.code = r.code
        where r.redeemer_user_id = p_user_id and r.status = 'success'
            and g.target_matrix_id is null
            and g.target_email <> '' and not credits._is_pseudonym(g.target_email)
        order by 1
    );
end
$$;

comment on function credits._addresses_of is
'The e-mail addresses of a person, as hashes: that known from Stripe, those that they redeemed gifts with, and all
others by which they were met. What an erasure left in the place of an address does not count';
