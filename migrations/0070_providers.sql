-- Signing in with a provider outside. Who somebody is there is kept as a hash of issuer and subject: it is compared and
-- never shown. What a browser left for the provider with is its own secret; here is the hash of it.

create table identities (
    id text primary key,
    mark text not null unique,
    account text not null references accounts (id),
    provider text not null,
    linked_at bigint not null,
    used_at bigint
);

create index identities_by_account on identities (account, id);

create table departures (
    secret_hash text primary key,
    provider text not null,
    purpose text not null,
    subject text not null,
    next text not null,
    expires_at bigint not null
);

create index departures_by_end on departures (expires_at);
