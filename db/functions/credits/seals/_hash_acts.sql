create or replace function credits._hash_acts(
    p_account_id text,
    p_up_to bigint default null,
    out sequence bigint,
    out id uuid,
    out hash bytea
)
language plpgsql stable
as $$
declare
    v_key constant bytea := (select k.key from credits.address_key k);
    v_act credits.admin_actions;
begin
    for v_act in
        select *
        from credits.admin_actions a
        where a.account_id = p_account_id and a.sequence <= coalesce(p_up_to, 9223372036854775807)
        order by a.sequence
    loop
        -- Of somebody who was erased the words are gone, and what was sealed of them is left.
        if not (credits._is_pseudonym(v_act.account_id) or credits._is_pseudonym(v_act.admin_id)) then
            v_act.words_hash := credits._words_hash(to_jsonb(v_act), v_key);
        end if;
        hash := credits._act_hash(to_jsonb(v_act), hash);
    end loop;
    id := v_act.id;
    sequence := v_act.sequence;
end
$$;

comment on function credits._hash_acts is
'Recomputes the hash chain of the support desk''s acts on an account, up to the act p_up_to (the newest unless given).
Returns the last of them and the hash there';
