-- What each holder has to register (应盘点): its own list of numbers, or a count that somebody states. One document per
-- holder, replaced as a whole; its numbers stand beside it under the id of the upload they came with.
create table due_lists (
    id text primary key references organisations (id),
    version bigint not null,
    doc jsonb not null,
    hash text not null
);

-- `status` and `conversion` are the list's own words of ours, empty where it says nothing.
create table due_numbers (
    list text not null,
    number text not null,
    status text not null,
    conversion text not null,
    primary key (list, number)
);

-- Coverage is counted for the first patentee. Both databases read a key of JSON with `->>`; only the text of a truth
-- differs. Nothing but this one repair of old rows asks it.
alter table holdings add column first_patentee boolean not null default false;
update holdings set first_patentee = (cast(doc ->> 'firstPatentee' as text) in ('true', '1'));
