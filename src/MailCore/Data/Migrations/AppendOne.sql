-- One message into one mailbox, as append_3 would store it: what a client appends. PostgreSQL's work for it is the beginning of
-- statements, hence few and plain ones. p_refs are distinct. The account's row is updated first, which is its lock.
-- status: 0 stored, 1 over quota, 2 no such account, 3 no such mailbox. previous: the mailbox's modseq before.
create function mail.append_one_1(
  p_account bigint, p_mailbox int, p_size int, p_header int, p_object bytea, p_data bytea, p_received timestamptz, p_zone smallint, p_sent timestamptz,
  p_day date, p_flags bigint, p_attached boolean, p_envelope bytea, p_short bytea, p_structure bytea, p_preview text, p_subject bytea, p_from bytea,
  p_to bytea, p_cc bytea, p_verdicts text, p_trace uuid, p_head bytea, p_ancestry bytea, p_refs bigint[])
returns table (status int, uid bigint, uidvalidity bigint, message_id bigint, modseq bigint, previous bigint, saved bigint)
language plpgsql as $$
#variable_conflict use_column
declare v_id bigint; v_modseq bigint; v_uid bigint; v_validity bigint; v_previous bigint; v_thread bigint; v_status int := 0;
begin
  update mail.account_state a set modseq = a.modseq + 1, next_message = a.next_message + 1, bytes = a.bytes + p_size, messages = a.messages + 1
    where a.account_id = p_account and (a.quota_bytes is null or a.bytes + p_size <= a.quota_bytes) returning a.next_message - 1, a.modseq into v_id, v_modseq;
  if not found then
    v_status := case when exists (select from mail.account_state a where a.account_id = p_account) then 1 else 2 end;
  else
    update mail.mailbox m set uidnext = m.uidnext + 1, modseq = v_modseq, messages = m.messages + 1, bytes = m.bytes + p_size,
        unseen = m.unseen + (p_flags & 8 = 0)::int, deleted = m.deleted + (p_flags & 4 <> 0)::int
      where m.account_id = p_account and m.mailbox_id = p_mailbox
      returning m.uidnext - 1, m.uidvalidity, (select o.modseq from mail.mailbox o where o.account_id = p_account and o.mailbox_id = p_mailbox)
      into v_uid, v_validity, v_previous;
    if not found then                         -- what was counted is taken back; the spent numbers are harmless gaps
      update mail.account_state a set bytes = a.bytes - p_size, messages = a.messages - 1 where a.account_id = p_account;
      v_status := 3;
    end if;
  end if;
  if v_status <> 0 then
    return query select v_status, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint;
    return;
  end if;
  v_thread := v_id;
  if p_refs <> '{}' then
    select coalesce(min(f.thread_id), v_id) into v_thread from mail.thread_ref f where f.account_id = p_account and f.ref = any (p_refs);
    insert into mail.thread_ref select p_account, x.ref, v_thread from unnest(p_refs) x(ref) on conflict do nothing;
  end if;
  insert into mail.message (account_id, message_id, size, header_size, object_id, received_at, received_zone, sent_at, sent_day, thread_id, has_attachments,
      envelope, structure_short, structure, preview, sort_subject, sort_from, sort_to, sort_cc, verdicts, trace_id, header, ancestry)
    values (p_account, v_id, p_size, p_header, p_object, p_received, p_zone, p_sent, p_day, v_thread, p_attached,
      p_envelope, p_short, p_structure, p_preview, p_subject, p_from, p_to, p_cc, p_verdicts::json, p_trace, p_head, p_ancestry);
  if p_object is null then
    insert into mail.body (account_id, message_id, data) values (p_account, v_id, p_data);
  end if;
  insert into mail.entry (account_id, mailbox_id, uid, message_id, flags, modseq, saved_at) values (p_account, p_mailbox, v_uid, v_id, p_flags, v_modseq, now());
  return query select 0, v_uid, v_validity, v_id, v_modseq, v_previous, floor(extract(epoch from now()))::bigint;
end $$;

-- Most bodies are two or three KiB packed: whole in their row up to half a page, they are read and written without the table beside it.
alter table mail.body set (toast_tuple_target = 4080);
