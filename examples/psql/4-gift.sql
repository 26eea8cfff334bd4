-- A gift: alice makes a code, anybody may look at it, bob redeems it.

\getenv alice ALICE_ID
\getenv bob BOB_ID

select code, total_credits, status
from gifts.create_gift(p_creator_id => :'alice', p_creator_name => 'Alice', p_total_credits => 10,
                       p_message => 'Enjoy!', p_idempotency_key => 'gift-' || gen_random_uuid()) \gset
\echo :code holds :total_credits and is :status

select creator_name, message, remaining_portions, redeemed from gifts.get_gift(p_code => :'code');

-- A tap on a slow network is often two: the same key gets the same row, and the credits once.
select 'tap-' || gen_random_uuid() as tap \gset
select status, credits_received, new_balance, replayed
from gifts.redeem_gift(p_code => :'code', p_user_id => :'bob', p_idempotency_key => :'tap');
select status, credits_received, new_balance, replayed
from gifts.redeem_gift(p_code => :'code', p_user_id => :'bob', p_idempotency_key => :'tap');

-- Another attempt is too late. It is no exception but a row, since failed attempts are kept.
select status, credits_received, new_balance
from gifts.redeem_gift(p_code => :'code', p_user_id => :'bob');
