-- The head of the chain, published once a day. Its id is the day.
create table audit_heads (
    id text primary key,
    version bigint not null,
    doc jsonb not null,
    hash text not null
);
