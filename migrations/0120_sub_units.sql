-- The colleges and departments of an organisation, with the answers that their stock records begin with: one document an
-- organisation. One without a row has named none.
create table sub_units (
    id text primary key references organisations (id),
    version bigint not null,
    doc jsonb not null,
    hash text not null
);
