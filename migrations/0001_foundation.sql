-- One set of statements for SQLite and PostgreSQL. Ids and keys are text, instants bigint µs UTC,
-- days text ISO, documents jsonb. Nothing here reads a clock, draws a random number or counts by itself.

create table head (
    id bigint primary key check (id = 1),
    seq bigint not null,
    hash text not null
);

insert into head (id, seq, hash)
values (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

create table meta (
    key text primary key,
    value text not null
);

create table changes (
    seq bigint primary key,
    at bigint not null,
    actor text not null,
    kind text not null,
    subject text not null,
    subject_version bigint not null,
    audience text not null,
    effective_on text,
    body text,
    body_hash text not null,
    prev text not null,
    hash text not null
);

create index changes_by_subject on changes (subject, seq);
create index changes_by_audience on changes (audience, seq);

create table organisations (
    id text primary key,
    version bigint not null,
    uscc text not null unique,
    name text not null,
    district text not null,
    doc jsonb not null,
    hash text not null
);

create table patents (
    number text primary key,
    version bigint not null,
    doc jsonb not null,
    hash text not null
);

create table holdings (
    id text primary key,
    version bigint not null,
    organisation text not null references organisations (id),
    number text not null references patents (number),
    state text not null,
    conversion text not null,
    published boolean not null,
    doc jsonb not null,
    hash text not null,
    unique (organisation, number)
);

create index holdings_by_number on holdings (number);

create table blobs (
    id text primary key,
    sha256 text not null,
    size_bytes bigint not null,
    complete boolean not null,
    created_at bigint not null
);

create unique index blobs_by_content on blobs (sha256) where complete;

create table blob_parts (
    blob text not null references blobs (id) on delete cascade,
    part bigint not null,
    bytes bytea not null,
    primary key (blob, part)
);

create table imports (
    id text primary key,
    version bigint not null,
    state text not null,
    organisation text references organisations (id),
    actor text not null,
    file_name text,
    blob text references blobs (id),
    sha256 text,
    size_bytes bigint not null,
    status_as_of text,
    rows_done bigint not null,
    added bigint not null,
    merged bigint not null,
    unchanged bigint not null,
    rejected bigint not null,
    held bigint not null,
    claimed bigint not null,
    failure jsonb,
    created_at bigint not null,
    finished_at bigint
);

create index imports_by_organisation on imports (organisation, created_at);

create table import_rejects (
    import text not null references imports (id) on delete cascade,
    item bigint not null,
    row_number bigint not null,
    column_name text not null,
    code text not null,
    value text not null,
    primary key (import, item)
);

create table jobs (
    id text primary key,
    kind text not null,
    payload jsonb not null,
    state text not null,
    attempts bigint not null,
    run_at bigint not null,
    lease_until bigint not null,
    lease text,
    last_error text
);

create index jobs_due on jobs (kind, run_at) where state <> 'done';

create table idempotency (
    owner text not null,
    key text not null,
    operation text not null,
    fingerprint text not null,
    status bigint not null,
    response text not null,
    created_at bigint not null,
    primary key (owner, key)
);

create table api_keys (
    id text primary key,
    name text not null,
    secret_hash text not null,
    role text not null,
    organisation text references organisations (id),
    scopes text not null,
    created_at bigint not null,
    expires_at bigint,
    revoked_at bigint,
    last_used_at bigint
);

-- Evidence that people upload and letters the system writes. `owner` is an organisation; null: the office's.
-- `hash` is over the other columns: no change row speaks of a file, so the audit has this to compare with.
create table files (
    id text primary key,
    owner text references organisations (id),
    name text not null,
    media_type text not null,
    sha256 text not null,
    size_bytes bigint not null,
    blob text not null references blobs (id),
    actor text not null,
    created_at bigint not null,
    hash text not null
);

create index files_by_name on files (owner, name);
create index files_by_content on files (sha256);

-- Who may read a file besides its owner and the office.
create table file_readers (
    file text not null references files (id) on delete cascade,
    reader text not null,
    primary key (file, reader)
);
