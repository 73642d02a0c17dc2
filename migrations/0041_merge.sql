-- Where each unit of a record comes from: one compact document a record, under its application number or, for what is of
-- a holder's stock, the id of the stock entry. And the conflicts between sources, with the columns by which lists are
-- narrowed.
create table sources (
    subject text primary key,
    doc jsonb not null
);

create table conflicts (
    id text primary key,
    version bigint not null,
    number text not null references patents (number),
    organisation text references organisations (id),
    unit text not null,
    because text not null,
    state text not null,
    doc jsonb not null,
    hash text not null
);

create index conflicts_by_number on conflicts (number);
create index conflicts_by_organisation on conflicts (organisation, state);

alter table imports add column conflicts bigint not null default 0;
