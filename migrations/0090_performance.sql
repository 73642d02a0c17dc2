-- What follows a licence and what precedes one: how it is carried out (royalty reports, follow-ups, relations of the
-- sides), questions to a patentee before a notice, and disputes.

create table performances (
    id text primary key references licences (id),
    version bigint not null,
    holder text not null references organisations (id),
    licensee text not null,
    doc jsonb not null,
    hash text not null
);

create index performances_by_holder on performances (holder, id);
create index performances_by_licensee on performances (licensee, id);

-- What a licence waits for next and from which day on: worked out from its record and its performance, never a source.
create table waiting (
    licence text primary key,
    holder text not null,
    licensee text not null,
    report_from text,
    report_due text,
    payment_from text,
    payment_due text,
    follow_up_from text,
    follow_up_due text
);

create index waiting_for_reports on waiting (licence) where report_from is not null;
create index waiting_for_payments on waiting (licence) where payment_from is not null;
create index waiting_for_follow_ups on waiting (licence) where follow_up_from is not null;
create index waiting_by_holder on waiting (holder);
create index waiting_by_licensee on waiting (licensee);

create table enquiries (
    id text primary key,
    version bigint not null,
    declaration text not null references declarations (id),
    holder text not null references organisations (id),
    asker text not null,
    is_open boolean not null,
    due_on text not null,
    doc jsonb not null,
    hash text not null
);

create index enquiries_by_declaration on enquiries (declaration);
create index enquiries_by_holder on enquiries (holder, id);
create index enquiries_by_asker on enquiries (asker, id);
create index enquiries_open on enquiries (id) where is_open;

create table disputes (
    id text primary key,
    version bigint not null,
    licence text not null references licences (id),
    holder text not null references organisations (id),
    licensee text not null,
    is_open boolean not null,
    doc jsonb not null,
    hash text not null
);

create index disputes_by_licence on disputes (licence);
create index disputes_by_holder on disputes (holder, id);
create index disputes_by_licensee on disputes (licensee, id);
create index disputes_open on disputes (id) where is_open;

-- Each reminder is given once: what of, when it is due, and whether it was late.
create table reminders (
    key text primary key,
    at bigint not null
);
