-- Show what alice has.

\getenv alice ALICE_ID

select balance, total_earned, total_spent, reserved from credits.get_balance(p_user_id => :'alice');
