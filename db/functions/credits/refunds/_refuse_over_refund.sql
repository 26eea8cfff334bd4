create or replace function credits._refuse_over_refund(p_requested numeric, p_refundable numeric) returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'UC010',
        message = 'More than what is left of this usage cannot be refunded',
        detail = json_build_object('requested', trim_scale(p_requested), 'refundable', trim_scale(p_refundable))::text,
        hint = 'Refund at most what is refundable';
end
$$;

comment on function credits._refuse_over_refund(numeric, numeric) is 'Raises UC010 amount_exceeds_refundable';
