-- What a holder says of its patents' annual fees (年费): one ledger of each holding and under its key, and what holds
-- for all of a holder's patents.

create table fee_ledgers (
    id text primary key references holdings (id),
    version bigint not null,
    organisation text not null references organisations (id),
    doc jsonb not null,
    hash text not null
);

create index fee_ledgers_by_organisation on fee_ledgers (organisation, id);

create table holder_fees (
    id text primary key references organisations (id),
    version bigint not null,
    doc jsonb not null,
    hash text not null
);
