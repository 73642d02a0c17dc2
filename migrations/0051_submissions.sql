-- What was handed to a platform (报送): per holding and platform, as which versions of patent, holding and stock record, in
-- which file, and what the platform answered. A holder's and the office's alone; bookkeeping beside the records, not a
-- record that the chain tells of.
create table submissions (
    holding text not null references holdings (id),
    platform text not null,
    organisation text not null references organisations (id),
    number text not null,
    state text not null,
    patent_version bigint not null,
    holding_version bigint not null,
    inventory_version bigint not null,
    exported_on text not null,
    exported_by text not null,
    file_sha256 text not null,
    answered_on text not null,
    answered_by text not null,
    answer_sha256 text not null,
    reason text not null,
    primary key (holding, platform)
);

create index submissions_by_organisation on submissions (organisation, platform, number);

-- A platform's answer sheet that was read, with the rows that fitted nothing.
create table submission_answers (
    id text primary key,
    organisation text not null references organisations (id),
    platform text not null,
    sha256 text not null,
    actor text not null,
    doc jsonb not null,
    rejects text not null
);

create unique index submission_answers_by_file on submission_answers (organisation, platform, sha256);
