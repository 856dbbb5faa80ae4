-- The header's octets beside the facts, so that FETCH of header fields reads no body: zstd by the application, so no second compression. Null: a message of
-- before, or a header that is large; then the body is read. Rows stay whole up to half a page: a header is asked for with its row.
alter table mail.message add column header bytea;

-- For THREAD: hashes of the message's own id (0: it has none) and of its ancestors' ids, the parent last; 8 octets each, in network order.
alter table mail.message add column ancestry bytea;
alter table mail.message alter column header set storage external;
alter table mail.message set (toast_tuple_target = 4080);

-- Messages into one account, many at once and in one transaction. Items with the same unit stand side by side and go in together or not at all.
-- The lock comes first and everything after it is a further statement, so that it sees what the lock waited for.
-- p_mailbox 0: the mailbox for p_use, or INBOX where there is none. p_ref_item counts items from 1; an item's refs are distinct.
-- status: 0 stored, 1 over quota, 2 no such account, 3 no such mailbox, 4 stored before (p_once and the same trace id).
-- previous: the mailbox's modseq before, so that an index that stood there needs no second look.
create function mail.append_2(
  p_account bigint, p_unit int[], p_mailbox int[], p_use smallint[], p_force boolean[], p_once boolean[], p_size int[], p_header int[],
  p_object bytea[], p_data bytea[], p_received timestamptz[], p_zone smallint[], p_sent timestamptz[], p_day date[], p_flags bigint[],
  p_attached boolean[], p_envelope bytea[], p_short bytea[], p_structure bytea[], p_preview text[],
  p_subject bytea[], p_from bytea[], p_to bytea[], p_cc bytea[], p_verdicts text[], p_trace uuid[], p_ref_item int[], p_ref bigint[], p_head bytea[], p_ancestry bytea[])
returns table (item int, status int, mailbox_id int, uid bigint, uidvalidity bigint, message_id bigint, modseq bigint, previous bigint, saved bigint)
language plpgsql as $$
#variable_conflict use_column
declare
  s mail.account_state; box mail.mailbox; r record;
  n int := cardinality(p_size);
  v_status int; v_sum bigint; v_target int; j int; v_taken bigint := 0; v_bytes bigint := 0; v_count int := 0; v_modseq bigint; v_previous bigint; v_thread bigint;
  a_status int[] := array_fill(0, array[n]); a_box int[] := array_fill(0, array[n]); a_uid bigint[] := array_fill(0::bigint, array[n]);
  a_validity bigint[] := a_uid; a_id bigint[] := a_uid; a_previous bigint[] := a_uid; a_thread bigint[] := a_uid;
begin
  select a.* into s from mail.account_state a where a.account_id = p_account for no key update;
  if not found then
    return query select i, 2, 0, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint from generate_series(1, n) i;
    return;
  end if;
  v_modseq := s.modseq + 1;
  for i in 1 .. n loop
    if i = 1 or p_unit[i] <> p_unit[i - 1] then
      v_status := 0; v_sum := 0; j := i;
      while j <= n and p_unit[j] = p_unit[i] loop v_sum := v_sum + p_size[j]; j := j + 1; end loop;
      v_target := p_mailbox[i];
      if v_target = 0 then
        v_target := 1;
        if p_use[i] > 0 then
          select m.mailbox_id into v_target from mail.mailbox m where m.account_id = p_account and m.special_use = p_use[i] order by 1 limit 1;
          v_target := coalesce(v_target, 1);
        end if;
      end if;
      if p_once[i] and exists (select from mail.delivered d where d.account_id = p_account and d.trace_id = p_trace[i]) then
        v_status := 4;
      elsif not p_force[i] and s.quota_bytes is not null and s.bytes + v_bytes + v_sum > s.quota_bytes then
        v_status := 1;
      elsif box.mailbox_id is distinct from v_target then
        if v_taken > 0 then
          update mail.mailbox m set uidnext = box.uidnext, modseq = v_modseq, messages = box.messages, bytes = box.bytes, unseen = box.unseen, deleted = box.deleted
            where m.account_id = p_account and m.mailbox_id = box.mailbox_id;
        end if;
        select m.* into box from mail.mailbox m where m.account_id = p_account and m.mailbox_id = v_target;
        if not found then v_status := 3; end if;
        v_taken := 0; v_previous := box.modseq;
      end if;
      if v_status = 0 and p_once[i] then
        insert into mail.delivered (account_id, trace_id) values (p_account, p_trace[i]) on conflict do nothing;
      end if;
    end if;
    a_status[i] := v_status;
    if v_status = 0 then
      a_box[i] := v_target; a_uid[i] := box.uidnext; a_validity[i] := box.uidvalidity; a_previous[i] := v_previous;
      a_id[i] := s.next_message + v_count; a_thread[i] := a_id[i];
      box.uidnext := box.uidnext + 1; box.messages := box.messages + 1; box.bytes := box.bytes + p_size[i];
      box.unseen := box.unseen + (p_flags[i] & 8 = 0)::int; box.deleted := box.deleted + (p_flags[i] & 4 <> 0)::int;
      v_count := v_count + 1; v_bytes := v_bytes + p_size[i]; v_taken := v_taken + 1;
    end if;
  end loop;
  if v_taken > 0 then
    update mail.mailbox m set uidnext = box.uidnext, modseq = v_modseq, messages = box.messages, bytes = box.bytes, unseen = box.unseen, deleted = box.deleted
      where m.account_id = p_account and m.mailbox_id = box.mailbox_id;
  end if;
  if v_count > 0 then
    update mail.account_state a set modseq = v_modseq, next_message = s.next_message + v_count, bytes = s.bytes + v_bytes, messages = s.messages + v_count
      where a.account_id = p_account;
    if (select count(distinct x) = count(*) from unnest(p_ref) x) then
      for r in select x.i, min(t.thread_id) as thread from unnest(p_ref_item, p_ref) x(i, ref)
          cross join lateral (select f.thread_id from mail.thread_ref f where f.account_id = p_account and f.ref = x.ref offset 0) t group by x.i loop
        a_thread[r.i] := r.thread;
      end loop;
      insert into mail.thread_ref select p_account, x.ref, a_thread[x.i] from unnest(p_ref_item, p_ref) x(i, ref)
        where a_status[x.i] = 0 on conflict do nothing;
    else                                      -- messages of this call refer to each other: one after the other
      for i in 1 .. n loop
        continue when a_status[i] <> 0;
        select min(t.thread_id) into v_thread from unnest(p_ref_item, p_ref) x(k, ref)
          cross join lateral (select f.thread_id from mail.thread_ref f where f.account_id = p_account and f.ref = x.ref offset 0) t where x.k = i;
        a_thread[i] := coalesce(v_thread, a_id[i]);
        insert into mail.thread_ref select p_account, x.ref, a_thread[i] from unnest(p_ref_item, p_ref) x(k, ref) where x.k = i on conflict do nothing;
      end loop;
    end if;
    insert into mail.message (account_id, message_id, size, header_size, object_id, received_at, received_zone, sent_at, sent_day, thread_id, has_attachments,
        envelope, structure_short, structure, preview, sort_subject, sort_from, sort_to, sort_cc, verdicts, trace_id, header, ancestry)
      select p_account, x.id, x.size, x.header, x.object, x.received, x.zone, x.sent, x.day, x.thread, x.attached,
        x.envelope, x.short, x.structure, x.preview, x.subject, x.sender, x.recipient, x.cc, x.verdicts::json, x.trace, x.head, x.ancestry
      from unnest(a_status, a_id, p_size, p_header, p_object, p_received, p_zone, p_sent, p_day, a_thread, p_attached,
        p_envelope, p_short, p_structure, p_preview, p_subject, p_from, p_to, p_cc, p_verdicts, p_trace, p_head, p_ancestry)
        x(status, id, size, header, object, received, zone, sent, day, thread, attached,
        envelope, short, structure, preview, subject, sender, recipient, cc, verdicts, trace, head, ancestry)
      where x.status = 0;
    insert into mail.body select p_account, x.id, x.data from unnest(a_status, a_id, p_object, p_data) x(status, id, object, data)
      where x.status = 0 and x.object is null;
    insert into mail.entry select p_account, x.box, x.uid, x.id, x.flags, v_modseq, now()
      from unnest(a_status, a_box, a_uid, a_id, p_flags) x(status, box, uid, id, flags) where x.status = 0;
  end if;
  return query select x.i::int, x.status, x.box, x.uid, x.validity, x.id, v_modseq, x.previous, floor(extract(epoch from now()))::bigint
    from unnest(a_status, a_box, a_uid, a_validity, a_id, a_previous) with ordinality x(status, box, uid, validity, id, previous, i);
end $$;
