-- All folded by the one function (FoldedText). Null: the message has no such field. The columns that are asked for most stand first, so that they are
-- compared without unpacking the long ones.
alter table mail.search_text
  add column from_text text, add column to_text text, add column cc_text text, add column bcc_text text, add column subject_text text,
  add column header text compression lz4 not null default '';      -- all fields, each a line "NAME:value" between line feeds

-- Message ids of an account grow in commit order, so one number says what has been indexed. The lease lets several nodes share the work.
create table mail.search_progress (
  account_id bigint primary key, upto bigint not null default 0, lease_until timestamptz not null default '-infinity'
) with (fillfactor = 50);
