-- The stock record (盘点建档): one per holding, its holder's and the office's alone, with the columns by which lists
-- are narrowed; its course, which is only added to; the dictionaries of its answers; how a holder has it reviewed; and
-- what of it a member's duty covers.

create table inventory (
    id text primary key,
    version bigint not null,
    holding text not null unique references holdings (id),
    organisation text not null references organisations (id),
    state text not null,
    assignee text not null,
    due_on text not null,
    filled boolean not null,
    scenario boolean not null,
    funding text not null,
    maturity text not null,
    grade text not null,
    ways text not null,
    doc jsonb not null,
    hash text not null
);

create index inventory_by_organisation on inventory (organisation, state);
create index inventory_by_assignee on inventory (assignee) where assignee <> '';

create table inventory_course (
    id text primary key,
    record text not null references inventory (id),
    step text not null,
    state text not null,
    actor text not null,
    name text not null,
    note text,
    at bigint not null
);

create index inventory_course_by_record on inventory_course (record, id);

create table dictionaries (
    id text primary key,
    version bigint not null,
    doc jsonb not null,
    hash text not null
);

create table review_rules (
    id text primary key references organisations (id),
    version bigint not null,
    doc jsonb not null,
    hash text not null
);

alter table accounts add column duty jsonb;
alter table invitations add column duty jsonb;
