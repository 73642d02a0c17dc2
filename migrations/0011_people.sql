-- From where the changes of one commit came; the change rows themselves say who and when.
create table change_origins (
    first_seq bigint primary key,
    last_seq bigint not null,
    address text not null
);

-- Who invites and keeps the colleagues of an organisation: at first whoever came first.
alter table accounts add column manages boolean not null default false;
update accounts set manages = true
where id in (select min(id) from accounts where party is not null and state = 'active' group by party);
