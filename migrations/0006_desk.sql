-- The holder's desk: what a list of its own stock is searched, narrowed and ordered by, taken from the documents.
-- `words` is title, number and inventors, folded as names are compared.
alter table patents add column words text not null default '';
alter table patents add column kind text not null default '';
alter table patents add column legal_status text not null default '';
alter table patents add column filed_on text not null default '';
alter table patents add column expires_on text not null default '';
alter table holdings add column unit text not null default '';

-- What was understood of a file before anybody agreed to import it.
alter table imports add column preview jsonb;
-- Housekeeping asks which blobs nothing refers to.
create index imports_by_blob on imports (blob);
create index files_by_blob on files (blob);
