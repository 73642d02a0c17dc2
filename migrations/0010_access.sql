-- Who may do what: keys that their owners keep themselves, short-lived tokens of theirs, second factors, and where an
-- act came from. Of every secret but a second factor's only a hash is stored; that one must be computed with, so it
-- stands apart from the accounts and no page, export, dump or feed reads its table.

-- Whose key it is (null: the operator's), from where it may be used (CIDR, spaces between; empty: from everywhere),
-- and the secret before a rotation with the moment until which it still works.
alter table api_keys add column version bigint not null default 1;
alter table api_keys add column account text;
alter table api_keys add column networks text not null default '';
alter table api_keys add column last_used_from text;
alter table api_keys add column previous_hash text;
alter table api_keys add column previous_until bigint;

create index api_keys_by_organisation on api_keys (organisation, id);
create index api_keys_by_account on api_keys (account);

-- Bearer tokens of the client-credentials grant.
create table access_tokens (
    token_hash text primary key,
    api_key text not null references api_keys (id) on delete cascade,
    scopes text not null,
    expires_at bigint not null
);

create index access_tokens_by_key on access_tokens (api_key, expires_at);
create index access_tokens_by_end on access_tokens (expires_at);

-- A second factor counts once confirmed; `last_step` is the latest time step whose code was taken.
create table second_factors (
    account text primary key references accounts (id),
    secret text not null,
    confirmed boolean not null,
    last_step bigint not null,
    created_at bigint not null
);

create table recovery_codes (
    account text not null references accounts (id),
    code_hash text not null,
    used_at bigint,
    primary key (account, code_hash)
);

-- The password was right, the second factor is asked for.
create table half_sign_ins (
    token_hash text primary key,
    account text not null references accounts (id),
    password_mark text not null,
    login_hash text not null,
    expires_at bigint not null
);

create index half_sign_ins_by_end on half_sign_ins (expires_at);

-- From where, with what result and why; null in the lines of before.
alter table audit add column address text;
alter table audit add column result text not null default 'done';
alter table audit add column reason text;

create index audit_by_actor on audit (actor, id);
create index audit_by_what on audit (what, id);
create index audit_by_time on audit (at, id);
