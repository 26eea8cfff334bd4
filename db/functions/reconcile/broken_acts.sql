create or replace view reconcile.broken_acts as
select
    a.account_id as account,
    format('act %s of the support desk', a.sequence) as what,
    encode(a.hash, 'hex') as expected,
    encode(credits._act_hash(a.act, a.before_hash), 'hex') as actual,
    null::numeric as difference
from (
    select
        s.account_id, s.sequence, s.admin_id, s.words_hash, s.hash, to_jsonb(s) as act,
        lag(s.hash) over account as before_hash,
        lag(s.sequence, 1, 0::bigint) over account as before_sequence
    from credits.admin_actions s
    window account as (partition by s.account_id order by s.sequence)
) a
where a.hash <> credits._act_hash(a.act, a.before_hash)
    or a.sequence <> a.before_sequence + 1
    -- Of somebody who was erased the words are gone, and what was sealed of them is left.
    or (
        not (credits._is_pseudonym(a.account_id) or credits._is_pseudonym(a.admin_id))
        and a.words_hash <> credits._words_hash(a.act, (select k.key from credits.address_key k))
    );

comment on view reconcile.broken_acts is
'Acts of the support desk that are not as they were written down: expected is the hash in the row, actual what the row
gives';
