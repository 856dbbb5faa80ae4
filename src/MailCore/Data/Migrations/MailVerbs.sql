-- STORE: the caller worked out from its index which UIDs change and by how much the counters move, as of p_seen (the flags_modseq it knew).
-- No row: someone was faster (or the mailbox is gone): catch up and try again; the spent modseq is a harmless gap.
create function mail.store_1(p_account bigint, p_mailbox int, p_seen bigint, p_uids int8multirange, p_set bigint, p_clear bigint, p_unseen int, p_deleted int)
returns table (modseq bigint, previous bigint) language plpgsql as $$
#variable_conflict use_column
declare n bigint; v_previous bigint;
begin
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account returning a.modseq into n;
  select m.modseq into v_previous from mail.mailbox m where m.account_id = p_account and m.mailbox_id = p_mailbox and m.flags_modseq = p_seen;
  if not found then return; end if;
  update mail.mailbox m set modseq = n, flags_modseq = n, unseen = m.unseen + p_unseen, deleted = m.deleted + p_deleted
    where m.account_id = p_account and m.mailbox_id = p_mailbox;
  insert into mail.change (account_id, mailbox_id, modseq, uids, set_mask, clear_mask) values (p_account, p_mailbox, n, p_uids, p_set, p_clear);
  return query select n, v_previous;
end $$;

-- COPY, MOVE and EXPUNGE are one verb: out of p_from (unless p_remove is false: COPY) and into p_to (0: EXPUNGE). What is moved comes from the caller's
-- index, hence p_seen. status: 0 done, 1 over quota, 2 stale, 3 no such target; nothing was changed but for 0.
create function mail.transfer_1(p_account bigint, p_from int, p_to int, p_seen bigint, p_uids bigint[], p_ids bigint[], p_flags bigint[],
  p_bytes bigint, p_unseen int, p_deleted int, p_remove boolean)
returns table (status int, modseq bigint, from_previous bigint, to_previous bigint, uidvalidity bigint, first_uid bigint, saved bigint) language plpgsql as $$
#variable_conflict use_column
declare
  s mail.account_state; source mail.mailbox; target mail.mailbox; n bigint; k int := cardinality(p_uids);
  grow int := (p_to <> 0)::int - p_remove::int;
begin
  select a.* into s from mail.account_state a where a.account_id = p_account for no key update;
  select m.* into source from mail.mailbox m where m.account_id = p_account and m.mailbox_id = p_from and m.flags_modseq = p_seen;
  if not found then
    return query select 2, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint; return;
  end if;
  if p_to <> 0 then
    select m.* into target from mail.mailbox m where m.account_id = p_account and m.mailbox_id = p_to;
    if not found then
      return query select 3, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint; return;
    end if;
  end if;
  if grow > 0 and s.quota_bytes is not null and s.bytes + p_bytes > s.quota_bytes then
    return query select 1, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint; return;
  end if;
  n := s.modseq + 1;
  update mail.account_state a set modseq = n, bytes = a.bytes + grow * p_bytes, messages = a.messages + grow * k where a.account_id = p_account;
  if p_to <> 0 then
    update mail.mailbox m set uidnext = m.uidnext + k, modseq = n, messages = m.messages + k, bytes = m.bytes + p_bytes,
        unseen = m.unseen + p_unseen, deleted = m.deleted + p_deleted
      where m.account_id = p_account and m.mailbox_id = p_to;
    insert into mail.entry select p_account, p_to, target.uidnext + o - 1, i, f, n, now() from unnest(p_ids, p_flags) with ordinality x(i, f, o);
  end if;
  if p_remove then
    update mail.mailbox m set modseq = n, flags_modseq = n, messages = m.messages - k, bytes = m.bytes - p_bytes,
        unseen = m.unseen - p_unseen, deleted = m.deleted - p_deleted
      where m.account_id = p_account and m.mailbox_id = p_from;
    delete from mail.entry e where e.account_id = p_account and e.mailbox_id = p_from and e.uid = any (p_uids);
    insert into mail.expunged (account_id, mailbox_id, uid, modseq, message_id, flags)
      select p_account, p_from, u, n, i, f from unnest(p_uids, p_ids, p_flags) x(u, i, f);
  end if;
  return query select 0, n, source.modseq, target.modseq, target.uidvalidity, target.uidnext, floor(extract(epoch from now()))::bigint;
end $$;

-- \Recent: the messages from the returned UID on are the caller's to announce. No account lock: it touches one row and one column that nobody else
-- writes; and it may be forgotten in a crash of the machine, so it doesn't wait for the disk.
create function mail.claim_recent_1(p_account bigint, p_mailbox int) returns bigint language plpgsql as $$
declare v_from bigint; v_next bigint;
begin
  select m.recent_from, m.uidnext into v_from, v_next from mail.mailbox m where m.account_id = p_account and m.mailbox_id = p_mailbox;
  if not found or v_from >= v_next then return v_from; end if;
  perform set_config('synchronous_commit', 'off', true);
  select m.recent_from into v_from from mail.mailbox m where m.account_id = p_account and m.mailbox_id = p_mailbox for no key update;
  update mail.mailbox m set recent_from = m.uidnext where m.account_id = p_account and m.mailbox_id = p_mailbox;
  return v_from;
end $$;

-- Folds the oldest change of a mailbox into the entries' rows, a slice of UIDs a call. It takes the account's lock like every writer: without it, fold
-- (entries, then mailbox) and transfer (mailbox, then entries) would deadlock. Repeating a slice does no harm. Returns the UID to go on after, or null: done.
create function mail.fold_1(p_account bigint, p_mailbox int, p_change bigint, p_after bigint, p_slice int) returns bigint language plpgsql as $$
declare c mail.change; upto bigint := p_after + p_slice;
begin
  perform from mail.account_state a where a.account_id = p_account for no key update;
  select x.* into c from mail.change x where x.account_id = p_account and x.mailbox_id = p_mailbox and not x.folded order by x.modseq limit 1;
  if not found or c.modseq <> p_change then return null; end if;
  update mail.entry e set flags = (e.flags | c.set_mask) & ~c.clear_mask, modseq = c.modseq
    from unnest(c.uids * int8multirange(int8range(p_after + 1, upto + 1))) r
    where e.account_id = p_account and e.mailbox_id = p_mailbox and e.uid >= lower(r) and e.uid < upper(r);
  if upto + 1 < upper(c.uids) then return lower(c.uids * int8multirange(int8range(upto + 1, null))) - 1; end if;
  update mail.change x set folded = true where x.account_id = p_account and x.mailbox_id = p_mailbox and x.modseq = c.modseq;
  update mail.mailbox m set folded = c.modseq where m.account_id = p_account and m.mailbox_id = p_mailbox;
  return null;
end $$;

-- Forgets what left one mailbox before p_before, at most p_limit rows, and frees messages that nothing names any more. Returns how many rows went.
create function mail.purge_1(p_account bigint, p_mailbox int, p_before timestamptz, p_limit int) returns int language plpgsql as $$
declare v_ids bigint[]; v_floor bigint; v_n int;
begin
  perform from mail.account_state a where a.account_id = p_account for no key update;
  with gone as (
    delete from mail.expunged x where x.account_id = p_account and x.mailbox_id = p_mailbox and x.uid = any (array(
      select y.uid from mail.expunged y where y.account_id = p_account and y.mailbox_id = p_mailbox and y.at < p_before order by y.modseq limit p_limit))
    returning x.message_id, x.modseq)
  select array_agg(distinct g.message_id), max(g.modseq), count(*) into v_ids, v_floor, v_n from gone g;
  update mail.mailbox m set log_floor = greatest(m.log_floor, v_floor) where m.account_id = p_account and m.mailbox_id = p_mailbox and v_floor is not null;
  v_ids := array(select i from unnest(v_ids) i
    where not exists (select from mail.entry e where e.account_id = p_account and e.message_id = i)
      and not exists (select from mail.expunged x where x.account_id = p_account and x.message_id = i));
  delete from mail.search_text t where t.account_id = p_account and t.message_id = any (v_ids);
  delete from mail.body b where b.account_id = p_account and b.message_id = any (v_ids);
  delete from mail.message g where g.account_id = p_account and g.message_id = any (v_ids);
  return v_n;
end $$;

-- Forgets one mailbox's folded changes from before p_before.
create function mail.purge_changes_1(p_account bigint, p_mailbox int, p_before timestamptz) returns int language plpgsql as $$
declare v_floor bigint; v_n int;
begin
  perform from mail.account_state a where a.account_id = p_account for no key update;
  with gone as (
    delete from mail.change c where c.account_id = p_account and c.mailbox_id = p_mailbox and c.folded and c.at < p_before returning c.modseq)
  select max(g.modseq), count(*) into v_floor, v_n from gone g;
  update mail.mailbox m set log_floor = greatest(m.log_floor, v_floor) where m.account_id = p_account and m.mailbox_id = p_mailbox and v_floor is not null;
  return v_n;
end $$;
