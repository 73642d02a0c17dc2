-- Closed months: a target's figures of a month, by the knowledge of that moment; never changed.
create table closings (
    id text primary key,
    version bigint not null,
    target text not null references targets (id),
    month text not null,
    doc jsonb not null,
    hash text not null
);

create unique index closings_by_month on closings (target, month);

-- Figures that somebody reports rather than this register counts: one for each indicator, district and day.
create table reported (
    id text primary key,
    version bigint not null,
    indicator text not null,
    district text not null,
    day text not null,
    doc jsonb not null,
    hash text not null
);

create unique index reported_by_day on reported (indicator, district, day);
