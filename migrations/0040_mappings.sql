-- What the columns of a file are taken for: said for one import, and kept per holder ('' is the office's own) by the
-- signature of the headers. A refused row keeps the cells that were read of it, so that it can be mended and sent again.
alter table imports add column mapping jsonb;
alter table imports add column guesses boolean not null default false;
alter table import_rejects add column cells jsonb;

create table import_mappings (
    id text primary key,
    version bigint not null,
    organisation text not null,
    signature text not null,
    doc jsonb not null,
    hash text not null,
    unique (organisation, signature)
);
