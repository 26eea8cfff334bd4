-- Charge for an AI answer whose price is known only afterwards, and keep the answer in a table of
-- the service's own: the row and the debit commit together or not at all.

\set SHOW_CONTEXT never
\getenv alice ALICE_ID

-- In an app this is the id of the message in its own table.
select 'message-' || gen_random_uuid() as message \gset

-- Hold the most that it may cost. This commits at once: the model will take its time.
select reservation_id as hold, balance
from credits.reserve_credits(p_user_id => :'alice', p_amount => 4, p_reason => 'One answer',
                             p_app_id => 'chat', p_idempotency_key => 'hold-' || :'message') \gset
\echo held, :balance are left to spend

-- There is an answer: one transaction for what it cost and for the answer.
begin;
select transaction_id, committed, released
from credits.commit_reservation(p_reservation_id => :'hold', p_amount => 1.25) \gset
insert into chat.answers values (:'message', :'alice', 'Rayleigh scattering.', :'transaction_id');
commit;
\echo charged :committed, :released are free again

-- If the service's own row is refused, nobody has paid.
begin;
select id as transaction_id
from credits.use_credits(p_user_id => :'alice', p_amount => 2, p_app_id => 'chat',
                         p_description => 'An empty answer') \gset
insert into chat.answers values ('empty-' || :'message', :'alice', '', :'transaction_id');
rollback;

-- The model is down: release. Without this the hold would end by itself, 24 hours later.
select reservation_id as hold
from credits.reserve_credits(p_user_id => :'alice', p_amount => 4, p_reason => 'One answer',
                             p_app_id => 'chat') \gset
select released, balance from credits.release_reservation(p_reservation_id => :'hold');

-- Too little: SQLSTATE UC002, DETAIL is JSON. A driver has both in the exception.
select * from credits.reserve_credits(p_user_id => :'alice', p_amount => 5000, p_reason => 'A novel');
\echo :SQLSTATE is insufficient_credits, 402 over HTTP

select balance, total_spent, reserved from credits.get_balance(p_user_id => :'alice');
select answer from chat.answers where user_id = :'alice';
