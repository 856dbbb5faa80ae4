-- One change of a reader's \Seen; the caller holds the owner's lock and has p_modseq. Where the log grows long its oldest rows become one, at the last
-- one's modseq: then some messages seem to have changed later than they did, and none earlier.
create function mail.log_seen_1(p_account bigint, p_mailbox int, p_reader bigint, p_modseq bigint, p_seen int8multirange, p_unseen int8multirange)
returns void language plpgsql as $$
declare r record; v_seen int8multirange := '{}'; v_touched int8multirange := '{}'; v_last bigint;
begin
  insert into mail.seen values (p_account, p_mailbox, p_reader, p_modseq, p_seen, p_unseen);
  update mail.mailbox m set readers_modseq = p_modseq where m.account_id = p_account and m.mailbox_id = p_mailbox;
  if (select count(*) from mail.seen s where s.account_id = p_account and s.mailbox_id = p_mailbox and s.reader = p_reader) <= 64 then return; end if;
  for r in
    select s.modseq, s.seen, s.unseen from mail.seen s where s.account_id = p_account and s.mailbox_id = p_mailbox and s.reader = p_reader
      order by s.modseq limit 48
  loop
    v_seen := (v_seen + r.seen) - r.unseen; v_touched := v_touched + r.seen + r.unseen; v_last := r.modseq;
  end loop;
  delete from mail.seen s where s.account_id = p_account and s.mailbox_id = p_mailbox and s.reader = p_reader and s.modseq <= v_last;
  insert into mail.seen values (p_account, p_mailbox, p_reader, v_last, v_seen, v_touched - v_seen);
end $$;

-- STORE by another than the owner: as store_1 for the flags that all share, and for its own \Seen (p_on, p_off) in the log of readers. p_seen and
-- p_reader_seen are what the caller knew of both; null: it doesn't matter. No row: someone was faster.
create function mail.store_shared_1(p_account bigint, p_mailbox int, p_reader bigint, p_needs int, p_seen bigint, p_reader_seen bigint,
  p_uids int8multirange, p_set bigint, p_clear bigint, p_deleted int, p_on int8multirange, p_off int8multirange)
returns table (modseq bigint, previous bigint) language plpgsql as $$
#variable_conflict use_column
declare n bigint; v_previous bigint;
begin
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account returning a.modseq into n;
  perform mail.demand_1(p_account, p_mailbox, p_reader, p_needs);
  select m.modseq into v_previous from mail.mailbox m where m.account_id = p_account and m.mailbox_id = p_mailbox and m.flags_modseq = coalesce(p_seen, m.flags_modseq);
  if not found then return; end if;
  if p_reader_seen is not null and p_reader_seen <> coalesce((select max(s.modseq) from mail.seen s
      where s.account_id = p_account and s.mailbox_id = p_mailbox and s.reader = p_reader), 0) then
    return;
  end if;
  if not isempty(p_uids) then
    update mail.mailbox m set modseq = n, flags_modseq = n, deleted = m.deleted + p_deleted where m.account_id = p_account and m.mailbox_id = p_mailbox;
    insert into mail.change (account_id, mailbox_id, modseq, uids, set_mask, clear_mask) values (p_account, p_mailbox, n, p_uids, p_set, p_clear);
  end if;
  if not isempty(p_on) or not isempty(p_off) then
    perform mail.log_seen_1(p_account, p_mailbox, p_reader, n, p_on, p_off);
  end if;
  return query select n, v_previous;
end $$;

-- Messages of one account as new messages of another, numbered from p_first on: facts and octets are copied, an object is shared, threads are found anew.
create function mail.copy_messages_1(p_from bigint, p_ids bigint[], p_to bigint, p_first bigint) returns void language plpgsql as $$
declare r mail.message; v_refs bigint[]; v_thread bigint;
begin
  for i in 1 .. cardinality(p_ids) loop
    select g.* into strict r from mail.message g where g.account_id = p_from and g.message_id = p_ids[i];
    v_refs := array(select distinct x.ref from (
        select ('x' || encode(substr(r.ancestry, 8 * o + 1, 8), 'hex'))::bit(64)::bigint as ref from generate_series(0, octet_length(r.ancestry) / 8 - 1) o) x
      where x.ref <> 0);
    select min(t.thread_id) into v_thread from unnest(v_refs) x(ref)
      cross join lateral (select f.thread_id from mail.thread_ref f where f.account_id = p_to and f.ref = x.ref offset 0) t;
    r.account_id := p_to; r.message_id := p_first + i - 1; r.thread_id := coalesce(v_thread, r.message_id);
    insert into mail.message values (r.*);
    insert into mail.body select p_to, r.message_id, b.data from mail.body b where b.account_id = p_from and b.message_id = p_ids[i];
    insert into mail.thread_ref select p_to, x.ref, r.thread_id from unnest(v_refs) x(ref) on conflict do nothing;
  end loop;
end $$;

-- COPY, MOVE and EXPUNGE as transfer_1, where source or target are another's than the actor's, or two accounts': all in one transaction. p_flags are what
-- the source holds, p_to_flags what the target shall hold, p_read which of them the actor has seen. p_to 0: EXPUNGE. status as in transfer_1.
create function mail.transfer_2(p_actor bigint, p_account bigint, p_from int, p_from_needs int, p_to_account bigint, p_to int, p_to_needs int, p_seen bigint,
  p_uids bigint[], p_ids bigint[], p_flags bigint[], p_to_flags bigint[], p_read boolean[],
  p_bytes bigint, p_unseen int, p_deleted int, p_to_unseen int, p_to_deleted int, p_remove boolean)
returns table (status int, modseq bigint, from_previous bigint, to_modseq bigint, to_previous bigint, uidvalidity bigint, first_uid bigint, first_id bigint, saved bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  s mail.account_state; source mail.mailbox; target mail.mailbox; n bigint := 0; v_to bigint := 0; v_first bigint := 0; v_ids bigint[] := p_ids;
  k int := cardinality(p_uids); v_across boolean := p_to <> 0 and p_to_account <> p_account; v_grow int := (p_to <> 0 and (p_to_account <> p_account or not p_remove))::int;
  v_on int8multirange;
begin
  perform from mail.account_state a where a.account_id in (p_account, p_to_account) order by a.account_id for no key update;
  perform mail.demand_1(p_account, p_from, p_actor, p_from_needs);
  if p_to <> 0 then perform mail.demand_1(p_to_account, p_to, p_actor, p_to_needs); end if;
  select m.* into source from mail.mailbox m where m.account_id = p_account and m.mailbox_id = p_from and m.flags_modseq = p_seen;
  if not found then
    return query select 2, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint; return;
  end if;
  if p_to <> 0 then
    select m.* into target from mail.mailbox m where m.account_id = p_to_account and m.mailbox_id = p_to;
    if not found then
      return query select 3, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint; return;
    end if;
    select a.* into s from mail.account_state a where a.account_id = p_to_account;
    if v_grow > 0 and s.quota_bytes is not null and s.bytes + p_bytes > s.quota_bytes then
      return query select 1, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint; return;
    end if;
    v_to := s.modseq + 1;
    update mail.account_state a set modseq = v_to, bytes = a.bytes + v_grow * p_bytes, messages = a.messages + v_grow * k,
        next_message = a.next_message + v_across::int * k
      where a.account_id = p_to_account;
    if v_across then
      v_first := s.next_message;
      v_ids := array(select v_first + o from generate_series(0, k - 1) o);
      perform mail.copy_messages_1(p_account, p_ids, p_to_account, v_first);
    end if;
    update mail.mailbox m set uidnext = m.uidnext + k, modseq = v_to, messages = m.messages + k, bytes = m.bytes + p_bytes,
        unseen = m.unseen + p_to_unseen, deleted = m.deleted + p_to_deleted
      where m.account_id = p_to_account and m.mailbox_id = p_to;
    insert into mail.entry select p_to_account, p_to, target.uidnext + o - 1, i, f, v_to, now() from unnest(v_ids, p_to_flags) with ordinality x(i, f, o);
    if p_actor <> p_to_account then
      select range_agg(int8range(target.uidnext + o - 1, target.uidnext + o)) into v_on from unnest(p_read) with ordinality x(r, o) where r;
      if v_on is not null then perform mail.log_seen_1(p_to_account, p_to, p_actor, v_to, v_on, '{}'); end if;
    end if;
  end if;
  if p_remove then
    n := v_to;
    if v_across or p_to = 0 then
      update mail.account_state a set modseq = a.modseq + 1, bytes = a.bytes - p_bytes, messages = a.messages - k
        where a.account_id = p_account returning a.modseq into n;
    end if;
    update mail.mailbox m set modseq = n, flags_modseq = n, messages = m.messages - k, bytes = m.bytes - p_bytes,
        unseen = m.unseen - p_unseen, deleted = m.deleted - p_deleted
      where m.account_id = p_account and m.mailbox_id = p_from;
    delete from mail.entry e where e.account_id = p_account and e.mailbox_id = p_from and e.uid = any (p_uids);
    insert into mail.expunged (account_id, mailbox_id, uid, modseq, message_id, flags)
      select p_account, p_from, u, n, i, f from unnest(p_uids, p_ids, p_flags) x(u, i, f);
  end if;
  return query select 0, n, source.modseq, v_to, target.modseq, target.uidvalidity, target.uidnext, v_first, floor(extract(epoch from now()))::bigint;
end $$;
