-- What a holder has asked of co-owners and pledgees, and what they have answered, signed in.
create table consents (
    id text primary key,
    version bigint not null,
    declaration text not null references declarations (id),
    number text not null,
    declarer text not null references organisations (id),
    party text not null references organisations (id),
    state text not null,
    doc jsonb not null,
    hash text not null
);

create index consents_by_declaration on consents (declaration);
create index consents_by_declarer on consents (declarer, id);
create index consents_by_party on consents (party, id);
