-- Messages into many accounts in one call: what is waiting goes to disk together, at the price of one statement a table.
-- Items of one account stand together, accounts ascend; items of one account with the same unit stand side by side and go in together or not at all.
-- The lock comes first and everything after it is a further statement, so that it sees what the lock waited for.
-- p_mailbox 0: the mailbox for p_use, or INBOX where there is none. p_ref_item counts items from 1; an item's refs are distinct.
-- p_apart: no two items of one account share a ref.
-- status: 0 stored, 1 over quota, 2 no such account, 3 no such mailbox, 4 stored before (p_once and the same trace id).
-- previous: the mailbox's modseq before, so that an index that stood there needs no second look.
-- The joins are by key, whatever the tables held when the plan was made.
create function mail.append_3(
  p_account bigint[], p_unit int[], p_mailbox int[], p_use smallint[], p_force boolean[], p_once boolean[], p_size int[], p_header int[],
  p_object bytea[], p_data bytea[], p_received timestamptz[], p_zone smallint[], p_sent timestamptz[], p_day date[], p_flags bigint[],
  p_attached boolean[], p_envelope bytea[], p_short bytea[], p_structure bytea[], p_preview text[],
  p_subject bytea[], p_from bytea[], p_to bytea[], p_cc bytea[], p_verdicts text[], p_trace uuid[], p_head bytea[], p_ancestry bytea[],
  p_ref_item int[], p_ref bigint[], p_apart boolean)
returns table (item int, status int, mailbox_id int, uid bigint, uidvalidity bigint, message_id bigint, modseq bigint, previous bigint, saved bigint)
language plpgsql set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
#variable_conflict use_column
declare
  r record;
  n int := cardinality(p_size);
  i int; j int; slot int; v_status int; v_new boolean; v_sum bigint; v_bytes bigint; v_count int; v_thread bigint; v_all int := 0;
  v_box int[]; v_next bigint[];               -- the mailboxes of the account so far, and their next UIDs
  a_status int[] := array_fill(0, array[n]); a_box int[] := a_status; a_uid bigint[] := array_fill(0::bigint, array[n]);
  a_validity bigint[] := a_uid; a_id bigint[] := a_uid; a_modseq bigint[] := a_uid; a_previous bigint[] := a_uid; a_thread bigint[] := a_uid;
begin
  perform from mail.account_state a where a.account_id = any(p_account) order by a.account_id for no key update;
  for r in
    select x.i::int, a.modseq, a.next_message, a.bytes, a.quota_bytes, m.mailbox_id, m.uidnext, m.uidvalidity, m.modseq as previous
      from unnest(p_account, p_mailbox, p_use) with ordinality x(account, mailbox, use, i)
      left join mail.account_state a on a.account_id = x.account
      left join mail.mailbox m on m.account_id = x.account and m.mailbox_id = case when x.mailbox > 0 then x.mailbox when x.use = 0 then 1 else
        coalesce((select min(u.mailbox_id) from mail.mailbox u where u.account_id = x.account and u.special_use = x.use), 1) end
      order by x.i
  loop
    i := r.i;
    v_new := i = 1 or p_account[i] <> p_account[i - 1];
    if v_new then
      v_bytes := 0; v_count := 0; v_box := '{}'; v_next := '{}';
    end if;
    if v_new or p_unit[i] <> p_unit[i - 1] then
      v_status := case when r.modseq is null then 2 when r.mailbox_id is null then 3 else 0 end;
      v_sum := 0; j := i;
      while j <= n and p_account[j] = p_account[i] and p_unit[j] = p_unit[i] loop v_sum := v_sum + p_size[j]; j := j + 1; end loop;
      if v_status <> 2 and not p_force[i] and r.quota_bytes is not null and r.bytes + v_bytes + v_sum > r.quota_bytes then
        v_status := 1;
      end if;
      if v_status <> 2 and p_once[i] then
        if exists (select from mail.delivered d where d.account_id = p_account[i] and d.trace_id = p_trace[i]) then
          v_status := 4;
        elsif v_status = 0 then
          insert into mail.delivered (account_id, trace_id) values (p_account[i], p_trace[i]) on conflict do nothing;
        end if;
      end if;
    end if;
    a_status[i] := v_status;
    if v_status = 0 then
      slot := array_position(v_box, r.mailbox_id);
      if slot is null then
        slot := cardinality(v_box) + 1; v_box[slot] := r.mailbox_id; v_next[slot] := r.uidnext;
      end if;
      a_box[i] := r.mailbox_id; a_uid[i] := v_next[slot]; a_validity[i] := r.uidvalidity; a_modseq[i] := r.modseq + 1; a_previous[i] := r.previous;
      a_id[i] := r.next_message + v_count; a_thread[i] := a_id[i];
      v_next[slot] := v_next[slot] + 1; v_count := v_count + 1; v_bytes := v_bytes + p_size[i]; v_all := v_all + 1;
    end if;
  end loop;
  if v_all > 0 then
    update mail.mailbox m set uidnext = m.uidnext + c.n, modseq = c.modseq, messages = m.messages + c.n, bytes = m.bytes + c.bytes,
        unseen = m.unseen + c.unseen, deleted = m.deleted + c.deleted
      from (select x.account, x.box, max(x.modseq) as modseq, count(*)::int as n, sum(x.size) as bytes,
          count(*) filter (where x.flags & 8 = 0)::int as unseen, count(*) filter (where x.flags & 4 <> 0)::int as deleted
        from unnest(p_account, a_box, a_modseq, p_size, p_flags, a_status) x(account, box, modseq, size, flags, status)
        where x.status = 0 group by x.account, x.box) c
      where m.account_id = c.account and m.mailbox_id = c.box;
    update mail.account_state a set modseq = c.modseq, next_message = a.next_message + c.n, bytes = a.bytes + c.bytes, messages = a.messages + c.n
      from (select x.account, max(x.modseq) as modseq, count(*)::int as n, sum(x.size) as bytes
        from unnest(p_account, a_modseq, p_size, a_status) x(account, modseq, size, status) where x.status = 0 group by x.account) c
      where a.account_id = c.account;
    if p_apart then
      for r in select x.i, min(t.thread_id) as thread from unnest(p_ref_item, p_ref) x(i, ref)
          cross join lateral (select f.thread_id from mail.thread_ref f where f.account_id = p_account[x.i] and f.ref = x.ref offset 0) t group by x.i loop
        a_thread[r.i] := r.thread;
      end loop;
      insert into mail.thread_ref select p_account[x.i], x.ref, a_thread[x.i] from unnest(p_ref_item, p_ref) x(i, ref)
        where a_status[x.i] = 0 on conflict do nothing;
    else                                      -- messages of this call refer to each other: one after the other
      for i in 1 .. n loop
        continue when a_status[i] <> 0;
        select min(t.thread_id) into v_thread from unnest(p_ref_item, p_ref) x(k, ref)
          cross join lateral (select f.thread_id from mail.thread_ref f where f.account_id = p_account[i] and f.ref = x.ref offset 0) t where x.k = i;
        a_thread[i] := coalesce(v_thread, a_id[i]);
        insert into mail.thread_ref select p_account[i], x.ref, a_thread[i] from unnest(p_ref_item, p_ref) x(k, ref) where x.k = i on conflict do nothing;
      end loop;
    end if;
    insert into mail.message (account_id, message_id, size, header_size, object_id, received_at, received_zone, sent_at, sent_day, thread_id, has_attachments,
        envelope, structure_short, structure, preview, sort_subject, sort_from, sort_to, sort_cc, verdicts, trace_id, header, ancestry)
      select x.account, x.id, x.size, x.header, x.object, x.received, x.zone, x.sent, x.day, x.thread, x.attached,
        x.envelope, x.short, x.structure, x.preview, x.subject, x.sender, x.recipient, x.cc, x.verdicts::json, x.trace, x.head, x.ancestry
      from unnest(p_account, a_status, a_id, p_size, p_header, p_object, p_received, p_zone, p_sent, p_day, a_thread, p_attached,
        p_envelope, p_short, p_structure, p_preview, p_subject, p_from, p_to, p_cc, p_verdicts, p_trace, p_head, p_ancestry)
        x(account, status, id, size, header, object, received, zone, sent, day, thread, attached,
        envelope, short, structure, preview, subject, sender, recipient, cc, verdicts, trace, head, ancestry)
      where x.status = 0;
    insert into mail.body select x.account, x.id, x.data from unnest(p_account, a_status, a_id, p_object, p_data) x(account, status, id, object, data)
      where x.status = 0 and x.object is null;
    insert into mail.entry select x.account, x.box, x.uid, x.id, x.flags, x.modseq, now()
      from unnest(p_account, a_status, a_box, a_uid, a_id, p_flags, a_modseq) x(account, status, box, uid, id, flags, modseq) where x.status = 0;
  end if;
  return query select x.i::int, x.status, x.box, x.uid, x.validity, x.id, x.modseq, x.previous, floor(extract(epoch from now()))::bigint
    from unnest(a_status, a_box, a_uid, a_validity, a_id, a_modseq, a_previous) with ordinality x(status, box, uid, validity, id, modseq, previous, i);
end $$;
