-- Both writers answer with the same figures, from which a debit is answered without reading its entry back.

set local role credits_owner;

alter type credits.posted
    add attribute debt numeric,
    add attribute spending_day date,
    add attribute ends_at timestamptz;
comment on type credits.posted is
    'What a writer says of an entry that it wrote: of a batch its item, and the account right after it';
