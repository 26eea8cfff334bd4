-- What the last deployment left: what protects the books is compared with it.

set local role credits_owner;

create table if not exists credits.deployed (
    kind text not null,
    object text not null,
    definition text not null,
    constraint deployed_pkey primary key (kind, object)
);
comment on table credits.deployed is
    'The definition of everything that was there when the last deployment ended, as credits._definitions tells it; written by deployments alone, and names nobody but deployers';
comment on column credits.deployed.kind is 'function, trigger, constraint, column, right and so on; deployment: of what files, when and by which login it was made';
