-- The layman's card (通俗卡片) of a patent, one of each holding and under its key, with the columns by which lists are
-- narrowed.

create table cards (
    id text primary key references holdings (id),
    version bigint not null,
    organisation text not null references organisations (id),
    number text not null,
    passed boolean not null,
    written boolean not null,
    published boolean not null,
    doc jsonb not null,
    hash text not null
);

create index cards_by_organisation on cards (organisation);
create index cards_by_number on cards (number);
