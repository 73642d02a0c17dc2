-- What enterprises look for: a document with its version and hash as the other nouns have, and the columns by which
-- lists are narrowed. What somebody thought of a match is kept with the place at which it was shown.

create table needs (
    id text primary key,
    version bigint not null,
    organisation text not null references organisations (id),
    state text not null,
    published boolean not null,
    doc jsonb not null,
    hash text not null
);

create index needs_by_organisation on needs (organisation, id);

create table need_feedback (
    id text primary key,
    need text not null references needs (id),
    number text not null references patents (number),
    rank bigint not null,
    verdict text not null,
    tier text not null,
    score double precision not null,
    note text,
    actor text not null,
    at bigint not null
);

create index need_feedback_by_need on need_feedback (need, id);
