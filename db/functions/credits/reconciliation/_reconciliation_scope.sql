create or replace function credits._reconciliation_scope(p_scope text) returns text
language plpgsql stable
as $$
begin
    if p_scope in ('full', 'new') is not true then
        perform credits._refuse_invalid('scope', 'must be full or new');
    end if;
    -- What a full run found to be off stays off until a full run finds nothing.
    if p_scope = 'new' and (
        select clean from credits.reconciliations where scope = 'full' order by id desc limit 1
    ) then
        return 'new';
    end if;
    return 'full';
end
$$;

comment on function credits._reconciliation_scope(text) is
    'The scope of a run that was asked for as p_scope: new only after a full run that was clean, else full. Raises UC001';
