-- The week of June 2026 that docs/handbook.md asks about. Its clock stands where the script sets it, and ids count on from there.

create sequence credits.handbook_ids;
alter sequence credits.handbook_ids owner to credits_owner;
grant usage on sequence credits.handbook_ids to credits_ledger;
create or replace function credits._now() returns timestamptz
language sql volatile
as $$ select current_setting('handbook.now')::timestamptz $$;
create or replace function credits._new_id() returns uuid
language sql volatile
as $$
    select (
        lpad(to_hex((extract(epoch from credits._now()) * 1000)::bigint), 12, '0') || '7000a'
        || lpad(to_hex(nextval('credits.handbook_ids')), 15, '0')
    )::uuid
$$;
do $$
declare
    v_column record;
begin
    for v_column in
        select d.adrelid::regclass as relation, a.attname as name
        from pg_attrdef d
        join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
        where pg_get_expr(d.adbin, d.adrelid) = 'now()' and d.adrelid::regclass::text like 'credits.%'
    loop
        execute format('alter table %s alter column %I set default credits._now()', v_column.relation, v_column.name);
    end loop;
end
$$;

set handbook.now = '2026-06-01 09:00Z';
insert into credits.packages (name, credits, price_euro_cents) values ('Starter', 500, 499);
-- These prices lie in the past by every clock but ours.
set constraints all immediate;
alter table credits.prices disable trigger refuse_past;
insert into credits.prices (operation, valid_from, app_id, unit, unit_price, per, step)
values
    ('chat.token', '2026-06-01Z', 'chat', 'token', 0.25, 1000, 100),
    ('chat.token', '2026-07-01Z', 'chat', 'token', 0.2, 1000, 100),
    ('images.picture', '2026-06-01Z', 'images', 'picture', 10, 1, 1),
    ('images.picture', '2026-07-01Z', 'images', 'picture', 12, 1, 1);
set constraints all immediate;
alter table credits.prices enable always trigger refuse_past;
select credits.grant_credits('alice', 100, 'Welcome', 'welcome');
select credits.grant_credits('bob', 100, 'Welcome', 'welcome');
select credits.grant_credits('carol', 100, 'Welcome', 'welcome');

create function pg_temp.buy(p_user_id text, p_payment text, p_paid boolean) returns uuid
language plpgsql
as $$
declare
    v_id uuid;
begin
    select purchase_id into v_id from credits.begin_purchase(p_user_id, (select id from credits.packages));
    perform credits.attach_payment(p_user_id, v_id, p_payment);
    if p_paid then
        perform credits.complete_purchase(p_user_id, v_id, 499, 'eur', p_payment);
    end if;
    return v_id;
end
$$;

set handbook.now = '2026-06-01 10:00Z';
select pg_temp.buy('alice', 'pi_alice', true);
set handbook.now = '2026-06-02 08:30Z';
select credits.use_credits(
    'alice', p_app_id => 'chat', p_description => 'One long answer', p_idempotency_key => 'chat-1',
    p_items => '[{"operation": "chat.token", "quantity": 50000}]'
);
select credits.use_credits(
    'alice', p_app_id => 'images', p_description => 'Three pictures', p_idempotency_key => 'images-1',
    p_items => '[{"operation": "images.picture", "quantity": 3}]'
);
select credits.use_credits('bob', 40, 'chat', 'A report', 'report-1');
set handbook.now = '2026-06-02 08:31Z';
select credits.use_credits('bob', 40, 'chat', 'A report', 'report-1-again');
set handbook.now = '2026-06-02 12:00Z';
select pg_temp.buy('bob', 'pi_bob', true);

set handbook.now = '2026-06-03 09:00Z';
select credits.init_guild_pool('acme');
select credits.fund_guild_pool('alice', 'acme', 200);
select credits.use_guild_credits('acme', 'bob', 25, 'chat', 'Minutes of a meeting');
set handbook.now = '2026-06-03 18:00Z';
select gifts.create_gift('alice', 60, p_total_portions => 3, p_message => 'Thank you', p_expires_at => '2026-07-01Z');
select gifts.redeem_gift((select code from gifts.gift_codes), 'carol');

set handbook.now = '2026-06-04 07:00Z';
select credits.refund_credits('alice', 2.5, 'The answer broke off', p_transaction_id => (
    select id from credits.transactions where user_id = 'alice' and idempotency_key = 'chat-1'
));
select pg_temp.buy('dave', 'pi_dave', false);
set handbook.now = '2026-06-04 15:00Z';
select credits.record_reversal('bob', (select id from credits.purchases where user_id = 'bob'), 250);

set handbook.now = '2026-06-05 10:00Z';
select credits.grant_credits('erin', 50, 'Promotion', 'june', p_expires_at => '2026-06-06 00:00Z');
select credits.use_credits('erin', 20, 'images', 'Two pictures');
select credits.reserve_credits('carol', 15, 'A film', 86400, p_app_id => 'films');
set handbook.now = '2026-06-06 00:00:01Z';
select credits.expire_due();
set handbook.now = '2026-06-06 09:00Z';

-- The clock is meant to be there.
delete from credits.deployed;
insert into credits.deployed select * from credits._definitions();
