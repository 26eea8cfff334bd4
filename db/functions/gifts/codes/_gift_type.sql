create or replace function gifts._gift_type(p_type text, p_portions integer, p_target text, p_riddle_question text)
returns gifts.gift_type
language plpgsql immutable
as $$
begin
    if p_type is not null and p_type <> all (enum_range(null::gifts.gift_type)::text[]) then
        perform credits._refuse_invalid('type', format(
            'must be one of %s', array_to_string(enum_range(null::gifts.gift_type), ', ')
        ));
    end if;
    return coalesce(
        p_type,
        case
            when p_target is not null then 'personalized'
            when p_riddle_question is not null then 'riddle'
            when p_portions > 1 then 'split'
            else 'simple'
        end
    );
end
$$;

comment on function gifts._gift_type is
    'The type of a gift: the one asked for, else the one that its parts make. Raises UC001 for an unknown one';
