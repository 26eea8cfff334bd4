create or replace function credits._reconciliation_scope(p_scope text) returns text
language plpgsql stable
as $$
begin
    if p_scope in ('full', 'new') is not true then
        perform credits._refuse_invalid('scope', 'must be full or new');
    end if;
    -- What a full run found to be off stays off until a full run finds nothing.
    -- Where accounts are spread no snapshot is of all of them, so nothing is verified for good.
    if p_scope = 'new' and not (select s.spread from credits.settings s) and (
        select clean from credits.reconciliations where scope = 'full' order by id desc limit 1
    ) then
        return 'new';
    end if;
    return 'full';
end
$$;

comment on function credits._reconciliation_scope(text) is
    'The scope of a run that was asked for as p_scope: new only after a full run that was clean, else full. Raises UC001';
