-- What the batch writer knows of an entry before it writes all of them. The other writer answers for one: it has no item.

set local role credits_owner;

-- Functions of this schema alone use the type.
-- squawk-ignore ban-drop-column
alter type credits.posted drop attribute if exists item;
comment on type credits.posted is 'What credits._post says of the entry that it wrote: the account right after it';

do $$
begin
    create type credits.batched as (
        item integer,
        id uuid,
        created_at timestamptz,
        sequence bigint,
        number bigint,
        due_after timestamptz,
        available numeric,
        reserved numeric,
        clawed_back numeric,
        total_spent numeric,
        member integer,
        of_member numeric
    );
exception when duplicate_object then null;
end
$$;
comment on type credits.batched is
    'An entry of a batch: its item, and the account right after it. Of a pool: an item by which its member is known, and what the member has taken in the batch by then';
