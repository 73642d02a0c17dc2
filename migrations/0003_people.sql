-- Accounts, sessions, invitations, delegations, messages: personal and office matters, kept out of the feed. Of every
-- secret only a hash is stored. Who did what to whom stands in `audit`, which is only ever added to.

create table accounts (
    id text primary key,
    login text not null unique,
    name text not null,
    role text not null,
    party text,
    state text not null,
    password text not null,
    created_at bigint not null
);

create index accounts_by_party on accounts (party);
create index accounts_waiting on accounts (id) where state = 'waiting';

-- Failed attempts to sign in, by the hash of the login whether or not there is such an account.
create table attempts (
    login_hash text primary key,
    failures bigint not null,
    locked_until bigint not null,
    at bigint not null
);

create table sessions (
    id text primary key,
    token_hash text not null unique,
    previous_hash text,
    account text not null references accounts (id),
    acting_for text,
    device text not null,
    begun_at bigint not null,
    rotated_at bigint not null,
    seen_at bigint not null
);

create index sessions_by_account on sessions (account);
create index sessions_by_previous on sessions (previous_hash);

create table invitations (
    id text primary key,
    token_hash text not null unique,
    login text not null,
    name text not null,
    role text not null,
    party text,
    created_at bigint not null,
    expires_at bigint not null,
    accepted_at bigint
);

create table delegations (
    id text primary key,
    version bigint not null,
    agency text not null references organisations (id),
    principal text not null references organisations (id),
    doc jsonb not null,
    hash text not null
);

create index delegations_by_agency on delegations (agency);
create index delegations_by_principal on delegations (principal);

create table messages (
    id text primary key,
    place bigint not null unique,
    recipient text not null,
    kind text not null,
    subject text not null,
    number text,
    zh text not null,
    en text not null,
    at bigint not null,
    read_at bigint
);

create index messages_by_recipient on messages (recipient, place);
create index messages_unread on messages (recipient) where read_at is null;

create table audit (
    id text primary key,
    at bigint not null,
    actor text not null,
    what text not null,
    subject text not null
);

create index audit_by_subject on audit (subject, id);

-- Individuals whom an officer entered are known; one who registers is checked first.
alter table individuals add column verified boolean not null default true;

-- An organisation that registered itself waits for a check; its document says so too.
alter table organisations add column unverified boolean not null default false;
create index organisations_unverified on organisations (id) where unverified;
