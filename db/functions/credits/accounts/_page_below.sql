create or replace function credits._page_below(
    p_account_id text, p_kind credits.account_kind, p_cursor uuid, p_to timestamptz
) returns bigint
language plpgsql stable
as $$
declare
    v_below bigint := 9223372036854775807;
begin
    if p_to is not null then
        v_below := credits._sequence_by(p_account_id, p_kind, p_to) + 1;
    end if;
    if p_cursor is not null then
        v_below := least(v_below, coalesce(
            (credits._of_id(p_account_id, p_kind, p_cursor)).sequence, credits._sequence_at(p_account_id, p_kind, p_cursor) + 1
        ));
    end if;
    return v_below;
end
$$;

comment on function credits._page_below is
'Returns the sequence below which a page of a ledger lies that begins after the row p_cursor, and at p_to at the latest.
So it costs the same however deep it lies';
