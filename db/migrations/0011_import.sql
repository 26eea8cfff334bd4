-- What the predecessor's database leaves behind here: codes of 6 characters, and portions that were claimed there.

set local role credits_owner;

alter table gifts.gift_codes add column if not exists claimed_before integer not null default 0
    constraint gift_codes_claimed_before_in_range check (
        claimed_before between 0 and claimed_portions and claimed_before < total_portions
    );
comment on column gifts.gift_codes.claimed_before is
    'How many portions had been claimed when the gift was brought from the predecessor: its charge here is for the others. 0 for a gift made here';

alter table gifts.gift_redemptions add column if not exists brought boolean not null default false;
comment on column gifts.gift_redemptions.brought is 'A success at the predecessor: who claims again is refused, and no entry here credited it';

-- Each rule gives way to a wider one, which every row keeps to: what is scanned for that is read in seconds.
alter table gifts.gift_codes
    -- squawk-ignore ban-drop-constraint
    drop constraint if exists gift_codes_code_is_typeable,
    -- squawk-ignore constraint-missing-not-valid
    add constraint gift_codes_code_is_typeable check (code ~ '^[A-HJ-NP-Z2-9]{10}$' or code ~ '^[A-HJ-NP-Z2-9]{6}$');
alter table gifts.gift_redemptions
    -- squawk-ignore ban-drop-constraint
    drop constraint if exists gift_redemptions_success_pays,
    -- squawk-ignore constraint-missing-not-valid
    add constraint gift_redemptions_success_pays check (
        (status = 'success') = (credits_received > 0)
        and (status = 'success') = (portion_number is not null)
        and (status = 'success' and not brought) = (credit_transaction_id is not null)
        and (status = 'success' or not brought)
    );
