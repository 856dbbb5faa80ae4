-- What mail.broken asked before, and that rights and readers' \Seen belong to mailboxes that are there.
create or replace view mail.broken as
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
    where not exists (select from mail.account_state a where a.account_id = m.account_id)
  union all
  select x.account_id, x.mailbox_id, 'rights without mailbox' from mail.acl x
    where not exists (select from mail.mailbox m where m.account_id = x.account_id and m.mailbox_id = x.mailbox_id)
  union all
  select x.account_id, x.mailbox_id, 'rights of nobody' from mail.acl x
    where x.grantee <> 0 and not exists (select from mail.account_state a where a.account_id = x.grantee)
  union all
  select x.account_id, x.mailbox_id, 'seen without mailbox' from mail.seen x
    where not exists (select from mail.mailbox m where m.account_id = x.account_id and m.mailbox_id = x.mailbox_id);
