-- The mail of all accounts. Rules that hold everywhere:
--  * every key starts with account_id, and no foreign key, sequence, trigger or unique index crosses accounts: shardable by account as it is;
--  * one lock: the account_state row, taken first by every writer, in ascending account_id where there are several;
--  * modseq is counted in that row, so it grows in commit order;
--  * wire forms and whatever comes from a header are bytea: text refuses NUL and bad UTF-8.
create schema mail;

create table mail.account_state (             -- narrow and hot; what the directory knows of an account is not here
  account_id bigint primary key,
  modseq bigint not null default 1,
  next_message bigint not null default 1,
  next_mailbox int not null default 1,
  last_uidvalidity bigint not null,
  bytes bigint not null default 0,            -- the sum over entries: a copy counts again
  messages bigint not null default 0,
  quota_bytes bigint                          -- null: no limit
) with (fillfactor = 20, autovacuum_vacuum_scale_factor = 0.02);

create table mail.mailbox (
  account_id bigint, mailbox_id int,          -- 1 is INBOX; numbers are never used again
  name text collate "C" not null,             -- the full name: a rename rewrites the children, a lookup is one probe
  special_use smallint not null default 0,
  uidvalidity bigint not null,
  uidnext bigint not null default 1,
  recent_from bigint not null default 1,      -- the first UID that no session has been told of
  modseq bigint not null,                     -- HIGHESTMODSEQ: the last change of any kind
  flags_modseq bigint not null default 0,     -- the last STORE, EXPUNGE or MOVE out: what a compare-and-set is made against
  folded bigint not null default 0,           -- entry.flags and entry.modseq hold all changes up to here; newer ones are rows of change
  log_floor bigint not null default 0,        -- change and expunged are complete above this modseq only
  messages int not null default 0,
  unseen int not null default 0,
  deleted int not null default 0,
  bytes bigint not null default 0,
  primary key (account_id, mailbox_id), unique (account_id, name)
) with (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.02);   -- no counter stands in an index: updates stay HOT

create table mail.subscription (account_id bigint, name text collate "C", primary key (account_id, name));

create table mail.message (                   -- facts, read once at append, never updated
  account_id bigint, message_id bigint,
  size int not null, header_size int not null,
  object_id bytea,                            -- null: the octets stand in body; else in object
  received_at timestamptz not null, received_zone smallint not null,       -- INTERNALDATE with its zone in minutes
  sent_at timestamptz, sent_day date,         -- the Date header; SENTON and its kin use the day as written
  thread_id bigint not null,
  has_attachments boolean not null,
  envelope bytea not null, structure_short bytea not null, structure bytea not null, preview text not null,
  sort_subject bytea not null, sort_from bytea not null, sort_to bytea not null, sort_cc bytea not null,
  verdicts json, trace_id uuid,
  primary key (account_id, message_id)
);
create index message_object on mail.message (object_id) where object_id is not null;

create table mail.body (                      -- zstd by the application, so no second compression; at most 256 KiB before it
  account_id bigint, message_id bigint, data bytea not null, primary key (account_id, message_id)
);
alter table mail.body alter data set storage external;

create table mail.entry (                     -- a message's place in a mailbox
  account_id bigint, mailbox_id int, uid bigint, message_id bigint not null,
  flags bigint not null, modseq bigint not null, saved_at timestamptz not null,
  primary key (account_id, mailbox_id, uid)
) with (fillfactor = 70);                     -- flags and modseq stand in no index: folding stays HOT
create index entry_message on mail.entry (account_id, message_id);

create table mail.change (                    -- one row a STORE, however many messages
  account_id bigint, mailbox_id int, modseq bigint,
  uids int8multirange not null, set_mask bigint not null, clear_mask bigint not null,
  folded boolean not null default false, at timestamptz not null default now(),
  primary key (account_id, mailbox_id, modseq)
);
create index change_unfolded on mail.change (account_id, mailbox_id, modseq) where not folded;
create index change_at on mail.change (at);

create table mail.expunged (                  -- what went: QRESYNC's VANISHED (EARLIER); the purge job frees message and body
  account_id bigint, mailbox_id int, uid bigint, modseq bigint not null, message_id bigint not null, flags bigint not null,
  at timestamptz not null default now(), primary key (account_id, mailbox_id, uid)
);
create index expunged_modseq on mail.expunged (account_id, mailbox_id, modseq);
create index expunged_message on mail.expunged (account_id, message_id);
create index expunged_at on mail.expunged (at);

create table mail.keyword (                   -- bits 0 to 4 are the system flags
  account_id bigint, bit smallint check (bit between 8 and 62), name text collate "C" not null, folded text collate "C" not null,
  primary key (account_id, bit), unique (account_id, folded)
);

create table mail.thread_ref (                -- ref = 64 bits of a hash of a message id
  account_id bigint, ref bigint, thread_id bigint not null, primary key (account_id, ref)
);

create table mail.delivered (                 -- what the queue's worker stored: a second try finds it
  account_id bigint, trace_id uuid, at timestamptz not null default now(), primary key (account_id, trace_id)
);
create index delivered_at on mail.delivered (at);

create table mail.search_text (               -- insert-only, filled by a job: folded body text, and hashes of its bigrams with the account
  account_id bigint, message_id bigint, body text compression lz4 not null, grams bigint[] compression lz4 not null,
  primary key (account_id, message_id)
);
create index search_grams on mail.search_text using gin (grams) with (fastupdate = off);

-- Octets of large messages, once for all recipients, keyed by SHA-256. The chunks come first, each committed by itself; the object's row says that
-- they are all there; only then may a message or a queue row name it. No counters: a job dooms what nothing names, and frees it a day later.
create table mail.object (
  object_id bytea primary key, size bigint not null, refreshed_at timestamptz not null default now(), doomed_at timestamptz
);
create table mail.object_chunk (              -- 1 MiB each before zstd, but the last
  object_id bytea, n int, data bytea not null, at timestamptz not null default now(), primary key (object_id, n)
);
alter table mail.object_chunk alter data set storage external;

-- The queue: what leaves, and what a worker still has to store locally.
create schema queue;

create table queue.message (
  id bigint generated always as identity primary key,
  trace_id uuid not null,
  sender text,                                -- null: the null sender
  front bytea not null,                       -- octets that go before the stored ones (DKIM signatures)
  object_id bytea, body bytea,                -- one of them: a large message's object, or a small one's zstd
  size int not null, header_size int not null,
  envid text, ret text, needs_utf8 boolean not null, is_8bit boolean not null, verdicts json,
  created_at timestamptz not null default now(), expires_at timestamptz, hold_until timestamptz
);
create index message_object on queue.message (object_id) where object_id is not null;

create table queue.recipient (
  message_id bigint, n int, address text not null, domain text not null,   -- A-labels
  notify text, orcpt text,
  state smallint not null default 0,          -- 0 waiting, 1 delivered, 2 failed, 3 waiting for a local worker (account_id and what follows it)
  account_id bigint, into_use smallint, flags bigint, force boolean,
  attempts int not null default 0, next_attempt timestamptz not null default now(),
  lease_until timestamptz, lease_owner uuid,
  last_status text, last_reply text, last_mta text, delay_notified_at timestamptz, updated_at timestamptz not null default now(),
  primary key (message_id, n)
) with (fillfactor = 80);
create index recipient_due on queue.recipient (next_attempt, message_id, n) where state in (0, 3);

-- The invariants, one query a rule; each must give no row.
create view mail.broken as
  select m.account_id, m.mailbox_id, 'counters' as rule
    from mail.mailbox m
    left join lateral (select count(*) n, count(*) filter (where e.flags & 8 = 0) u, count(*) filter (where e.flags & 4 <> 0) d, max(e.uid) x, sum(g.size) b
      from mail.entry e join mail.message g using (account_id, message_id) where e.account_id = m.account_id and e.mailbox_id = m.mailbox_id) e on true
    where not exists (select from mail.change c where c.account_id = m.account_id and c.mailbox_id = m.mailbox_id and not c.folded)
      and (m.messages <> e.n or m.unseen <> e.u or m.deleted <> e.d or m.uidnext <= coalesce(e.x, 0) or m.bytes <> coalesce(e.b, 0))
  union all
  select a.account_id, 0, 'account counters' from mail.account_state a
    left join lateral (select sum(m.bytes) b, sum(m.messages) n from mail.mailbox m where m.account_id = a.account_id) m on true
    where a.bytes <> coalesce(m.b, 0) or a.messages <> coalesce(m.n, 0)
  union all
  select e.account_id, e.mailbox_id, 'entry without message' from mail.entry e
    where not exists (select from mail.message g where g.account_id = e.account_id and g.message_id = e.message_id)
  union all
  select e.account_id, e.mailbox_id, 'entry without mailbox' from mail.entry e
    where not exists (select from mail.mailbox m where m.account_id = e.account_id and m.mailbox_id = e.mailbox_id)
  union all
  select g.account_id, 0, 'message without octets' from mail.message g
    where g.object_id is null and not exists (select from mail.body b where b.account_id = g.account_id and b.message_id = g.message_id)
  union all
  select g.account_id, 0, 'message without object' from mail.message g
    where g.object_id is not null and not exists (select from mail.object o where o.object_id = g.object_id)
  union all
  select 0, 0, 'object with missing chunks' from mail.object o
    where (select count(*) from mail.object_chunk c where c.object_id = o.object_id) <> (o.size + 1048575) / 1048576
  union all
  select 0, 0, 'queued message without octets' from queue.message q
    where q.body is null and not exists (select from mail.object o where o.object_id = q.object_id)
  union all
  select m.account_id, m.mailbox_id, 'modseq ahead of account' from mail.mailbox m join mail.account_state a using (account_id) where m.modseq > a.modseq
  union all
  select e.account_id, e.mailbox_id, 'expunged and still there' from mail.entry e join mail.expunged x using (account_id, mailbox_id, uid)
  union all
  select m.account_id, m.mailbox_id, 'mailbox without account' from mail.mailbox m
    where not exists (select from mail.account_state a where a.account_id = m.account_id);
