create or replace function credits._gifts_redeemed_by(p_user_id text) returns text[]
language plpgsql stable
as $$
begin
    return array(
        select r.code
        from gifts.gift_redemptions r
        join gifts.gift_codes g on g.code = r.code
        where r.redeemer_user_id = p_user_id and r.status = 'success'
            and (g.target_email is not null or g.target_matrix_id is not null)
    );
end
$$;

comment on function credits._gifts_redeemed_by is 'The codes of the gifts for an address or a Matrix id that a person redeemed';
