-- Lines of announced lists from outside: one document for each patent and announcement, found again by its line when the
-- list is sent once more. The patent need not be known here.
create table listings (
    id text primary key,
    version bigint not null,
    line text not null,
    number text not null,
    organisation text references organisations (id),
    state text not null,
    pilot boolean not null,
    doc jsonb not null,
    hash text not null
);

create unique index listings_by_line on listings (line);
create index listings_by_number on listings (number);
create index listings_by_state on listings (state);
create index listings_by_organisation on listings (organisation);
