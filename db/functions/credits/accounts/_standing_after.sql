create or replace function credits._standing_after(p_entry credits.entries) returns credits.entries
language plpgsql stable
as $$
declare
    v_after credits.entries := p_entry;
    v_next credits.entries;
begin
    loop
        select * into v_next
        from credits.entries e
        where e.account_id = p_entry.account_id and e.kind = p_entry.kind and e.sequence = v_after.sequence + 1;
        exit when (v_next.type = 'expiry' and v_next.ends_at <= p_entry.created_at) is not true;
        v_after := v_next;
    end loop;
    return v_after;
end
$$;

comment on function credits._standing_after is
'The entry with the figures of an account when the call that wrote p_entry was over. It is that entry, or the last by
which lots left again that had come back after their end. The same for ever, so a retry is answered alike';
