-- Declarations, licences, encumbrances, targets: each a document with its version and hash, and the columns by
-- which lists are narrowed. Contacts and individuals are kept apart from the documents that the chain vouches
-- for, so that erasing a person leaves the chain whole.

create table declarations (
    id text primary key,
    version bigint not null,
    organisation text not null references organisations (id),
    number text not null references patents (number),
    state text not null,
    declaration_number text,
    live boolean not null,
    under_way boolean not null,
    must_withdraw boolean not null,
    published boolean not null,
    doc jsonb not null,
    hash text not null
);

create index declarations_by_number on declarations (number);
create index declarations_by_organisation on declarations (organisation, id);
create index declarations_to_withdraw on declarations (id) where must_withdraw;
create index declarations_live on declarations (id) where live;
create unique index declarations_by_declaration_number on declarations (declaration_number);

create table licences (
    id text primary key,
    version bigint not null,
    declaration text not null references declarations (id),
    number text not null references patents (number),
    holder text not null references organisations (id),
    licensee text not null,
    state text not null,
    filing_due_on text,
    disputed boolean not null,
    published boolean not null,
    doc jsonb not null,
    hash text not null
);

create index licences_by_declaration on licences (declaration);
create index licences_by_number on licences (number);
create index licences_by_holder on licences (holder, id);
create index licences_by_licensee on licences (licensee, id);
create index licences_unfiled on licences (filing_due_on) where filing_due_on is not null;

create table encumbrances (
    id text primary key,
    version bigint not null,
    number text not null references patents (number),
    kind text not null,
    organisation text,
    published boolean not null,
    doc jsonb not null,
    hash text not null
);

create index encumbrances_by_number on encumbrances (number);

create table targets (
    id text primary key,
    version bigint not null,
    doc jsonb not null,
    hash text not null
);

create table individuals (
    id text primary key,
    name text not null,
    contact text not null,
    created_at bigint not null
);

create index individuals_by_name on individuals (name);

create table contacts (
    subject text primary key,
    doc jsonb not null
);

-- What is counted keeps its body; the many rows of patents are in neither index.
create index changes_counted on changes (kind, subject, seq) where body is not null;
create index changes_counted_at on changes (at, seq) where body is not null;
