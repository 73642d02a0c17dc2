-- Reference tables: which one stands for a kind, and the lines of those that were loaded. A kind without a row has the
-- built-in table. The lines of a file stand under an id of its own and count only once the header names it.
create table reference_tables (
    id text primary key,
    version bigint not null,
    list text not null,
    actor text not null default '',
    doc jsonb not null,
    hash text not null
);

-- `target` is the industry of a class, empty where a line only names its code.
create table reference_lines (
    list text not null,
    code text not null,
    target text not null,
    zh text not null,
    en text not null,
    primary key (list, code, target)
);

create table industry_fee_reference (
    list text not null,
    industry_code text not null,
    year bigint not null,
    contracts bigint not null,
    avg_amount_fen bigint,
    avg_rate_bp bigint,
    source text not null,
    primary key (list, industry_code, year)
);
