create or replace function credits.import_hold(
    p_user_id text, p_reservation_id uuid, p_amount numeric, p_reason text, p_app_id text, p_expires_at timestamptz
) returns boolean
language plpgsql
as $$
declare
    v_entry credits.posted;
begin
    perform credits._lock_account(p_user_id, 'person');
    p_reason := credits._clean_text(p_reason);
    v_entry := credits._post(
        p_user_id, 'person', 'hold', 0, trim_scale(p_amount), p_reason, p_app_id,
        p_reference_id => p_reservation_id::text, p_ends_at => p_expires_at, p_cause_id => p_reservation_id
    );
    insert into credits.reservations (
        account_id, kind, id, user_id, amount, app_id, reason, created_at, expires_at, sequence
    )
    values (
        p_user_id, 'person', p_reservation_id, p_user_id, trim_scale(p_amount), p_app_id, p_reason,
        v_entry.created_at, p_expires_at, v_entry.sequence
    );
    return true;
end
$$;

comment on function credits.import_hold is
'Brings an open hold of a person from the predecessor under its id, so that whoever made it there commits or releases it
here. Its credits are part of what import_account brought.
Errors: UC002 insufficient_credits, 23505 for a hold that was brought before.
Idempotency: none; the caller looks whether it is there.
Locks: the user''s account.';
