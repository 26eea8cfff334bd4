-- A budget for a team: alice funds the pool of her guild, sets bob a limit, and bob reaches it.
-- Over SQL the service answers for who is in the guild and what they may do there.

\set SHOW_CONTEXT never
\getenv alice ALICE_ID
\getenv bob BOB_ID
\getenv guild GUILD

select balance as funder_has, pool_balance
from credits.fund_guild_pool(p_user_id => :'alice', p_organization_id => :'guild', p_amount => 20,
                             p_idempotency_key => 'fund-' || gen_random_uuid());

-- What is not mentioned stays as it is.
select daily_limit, monthly_limit
from credits.set_spending_limits(p_organization_id => :'guild', p_user_id => :'bob', p_daily_limit => 5);

begin;
select amount, balance
from credits.use_guild_credits(p_organization_id => :'guild', p_user_id => :'bob', p_amount => 3,
                               p_app_id => 'chat', p_description => 'Why is the sky blue?',
                               p_idempotency_key => 'question-' || gen_random_uuid());

-- A refusal aborts the transaction, as every error does. A savepoint keeps what came before.
savepoint before_the_second;
select amount, balance
from credits.use_guild_credits(p_organization_id => :'guild', p_user_id => :'bob', p_amount => 3,
                               p_app_id => 'chat', p_description => 'And at night?',
                               p_idempotency_key => 'question-' || gen_random_uuid());
\echo :SQLSTATE is spending_limit_exceeded: tell bob when it resets
rollback to before_the_second;
commit;

select spent_today, daily_limit, daily_remaining
from credits.get_spending(p_organization_id => :'guild', p_user_id => :'bob');
