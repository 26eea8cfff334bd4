-- The support desk cancels gifts by their id, and its log names them so.
-- No version without it was ever released, so the table is empty where this runs: nobody waits for the index.
-- squawk-ignore-file require-concurrent-index-creation

set local role credits_owner;

create index if not exists gift_codes_by_id on gifts.gift_codes (id);
