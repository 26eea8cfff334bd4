create or replace function credits._has_overdue_holds(p_account_id text) returns boolean
language sql volatile
as $$
    select exists (
        select from credits.reservations r
        where r.account_id = p_account_id and r.status = 'held' and r.expires_at <= credits._now()
    )
$$;

comment on function credits._has_overdue_holds(text) is
    'Whether an account, a user''s or a guild''s, has holds that are past their time and not released yet';
