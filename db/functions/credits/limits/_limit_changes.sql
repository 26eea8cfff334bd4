create or replace function credits._limit_changes(p_limits jsonb, p_set boolean[], p_path text default null)
returns jsonb
language plpgsql
as $$
declare
    v_windows constant text[] := '{daily,weekly,monthly}';
    v_limit jsonb;
    v_field text;
    v_changes jsonb := '{}';
begin
    for v_place in 1..3 loop
        v_limit := p_limits -> v_windows[v_place];
        continue when v_limit is null or not coalesce(p_set[v_place], v_limit <> 'null');
        v_field := coalesce(p_path || v_windows[v_place], v_windows[v_place] || 'Limit');
        if jsonb_typeof(v_limit) not in ('number', 'null') then
            perform credits._refuse_invalid(v_field, 'must be a number of credits, or null');
        end if;
        if v_limit not in ('null', '0') and not credits._is_amount(v_limit::numeric) then
            perform credits._refuse_invalid(
                v_field, 'must be null, or from 0 to 999999999.999999 with at most 6 decimals'
            );
        end if;
        v_changes := v_changes || jsonb_build_object(v_windows[v_place] || '_limit', v_limit);
    end loop;
    return v_changes;
end
$$;

comment on function credits._limit_changes is
'Checks changes of limits and returns them as columns of their table. p_limits has daily, weekly and monthly: null
removes a limit, 0 blocks, an absent one stays. p_set says of each whether it changes; where that is null, a limit that
is given does. Raises UC001 for what is no limit; the field that it names begins with p_path';
