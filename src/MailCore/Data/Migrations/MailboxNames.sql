-- What is left of a mailbox that was deleted while others stood below it (RFC 3501 section 6.3.4): a name that can't be selected. A mailbox of the same
-- name takes its place; it goes by a DELETE of its own once nothing stands below it.
create table mail.noselect (account_id bigint, name text collate "C", primary key (account_id, name));

-- Threads of an account's messages: for THREADID, and to see that a thread has no message any more.
create index message_thread on mail.message (account_id, thread_id);

create function mail.is_above_1(p_account bigint, p_name text) returns boolean language sql stable as $$
  select exists (select from mail.mailbox m where m.account_id = p_account and m.name >= p_name || '/' and m.name < p_name || '0')
    or exists (select from mail.noselect n where n.account_id = p_account and n.name >= p_name || '/' and n.name < p_name || '0')
$$;

-- The levels above a name, made where they are missing; the caller holds the lock and has p_modseq. Names that can't be selected stay what they are.
create function mail.make_parents_2(p_account bigint, p_name text, p_modseq bigint) returns void language plpgsql as $$
declare v_at int := 0; v_part text; v_step int;
begin
  loop
    v_step := strpos(substr(p_name, v_at + 1), '/');
    exit when v_step = 0;
    v_at := v_at + v_step;
    v_part := left(p_name, v_at - 1);
    if not exists (select from mail.mailbox m where m.account_id = p_account and m.name = v_part)
        and not exists (select from mail.noselect n where n.account_id = p_account and n.name = v_part) then
      perform mail.make_mailbox_1(p_account, v_part, 0::smallint, p_modseq);
    end if;
  end loop;
end $$;

create function mail.create_mailbox_2(p_account bigint, p_name text, p_use smallint) returns int language plpgsql as $$
declare v_modseq bigint;
begin
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account returning a.modseq into v_modseq;
  if not found then raise exception using errcode = 'WM404', message = 'No such account'; end if;
  if exists (select from mail.mailbox m where m.account_id = p_account and m.name = p_name) then
    raise exception using errcode = 'WM409', message = 'There is such a mailbox already';
  end if;
  if p_use <> 0 and exists (select from mail.mailbox m where m.account_id = p_account and m.special_use = p_use) then
    raise exception using errcode = 'WM409', message = 'Another mailbox has that use';
  end if;
  perform mail.make_parents_2(p_account, p_name, v_modseq);
  delete from mail.noselect n where n.account_id = p_account and n.name = p_name;
  return mail.make_mailbox_1(p_account, p_name, p_use, v_modseq);
end $$;

-- Renames a mailbox, or a name that can't be selected, with all that stand below it; '0' is what follows '/' in the order of bytes.
create function mail.rename_mailbox_2(p_account bigint, p_from text, p_to text) returns void language plpgsql as $$
declare v_modseq bigint; v_grow int := octet_length(p_to) - octet_length(p_from);
  v_deeper int := length(p_to) - length(replace(p_to, '/', '')) - length(p_from) + length(replace(p_from, '/', ''));
begin
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account returning a.modseq into v_modseq;
  if not exists (select from mail.mailbox m where m.account_id = p_account and m.name = p_from)
      and not exists (select from mail.noselect n where n.account_id = p_account and n.name = p_from) then
    raise exception using errcode = 'WM404', message = 'No such mailbox';
  end if;
  if p_to = p_from or exists (select from mail.mailbox m where m.account_id = p_account and m.name = p_to)
      or exists (select from mail.noselect n where n.account_id = p_account and n.name = p_to) then
    raise exception using errcode = 'WM409', message = 'There is such a mailbox already';
  end if;
  if starts_with(p_to, p_from || '/') then
    raise exception using errcode = 'WM422', message = 'A mailbox can''t move below itself';
  end if;
  if exists (
      select from (select m.name from mail.mailbox m where m.account_id = p_account union all select n.name from mail.noselect n where n.account_id = p_account) x
      where x.name >= p_from || '/' and x.name < p_from || '0'
        and (octet_length(x.name) + v_grow > 1000 or length(x.name) - length(replace(x.name, '/', '')) + v_deeper >= 20)) then
    raise exception using errcode = 'WM422', message = 'A mailbox below it would get too long a name';
  end if;
  perform mail.make_parents_2(p_account, p_to, v_modseq);
  update mail.mailbox m set name = p_to || substr(m.name, length(p_from) + 1)
    where m.account_id = p_account and (m.name = p_from or (m.name >= p_from || '/' and m.name < p_from || '0'));
  update mail.noselect n set name = p_to || substr(n.name, length(p_from) + 1)
    where n.account_id = p_account and (n.name = p_from or (n.name >= p_from || '/' and n.name < p_from || '0'));
end $$;

-- Deletes a mailbox with its messages; what it held goes to the log of the expunged, whence the purge job frees it. Where others stand below it,
-- p_leave says whether a name is left in its place or nothing is done. mailbox_id 0: it was such a name only.
create function mail.delete_mailbox_2(p_account bigint, p_name text, p_leave boolean) returns table (mailbox_id int, modseq bigint) language plpgsql as $$
#variable_conflict use_column
declare v_modseq bigint; box mail.mailbox; v_is_above boolean;
begin
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account returning a.modseq into v_modseq;
  v_is_above := mail.is_above_1(p_account, p_name);
  select m.* into box from mail.mailbox m where m.account_id = p_account and m.name = p_name;
  if not found then
    if not exists (select from mail.noselect n where n.account_id = p_account and n.name = p_name) then
      raise exception using errcode = 'WM404', message = 'No such mailbox';
    end if;
    if v_is_above then raise exception using errcode = 'WM423', message = 'The name has mailboxes below it'; end if;
    delete from mail.noselect n where n.account_id = p_account and n.name = p_name;
    return query select 0, v_modseq;
    return;
  end if;
  if box.mailbox_id = 1 then raise exception using errcode = 'WM423', message = 'INBOX can''t be deleted'; end if;
  if v_is_above then
    if not p_leave then raise exception using errcode = 'WM423', message = 'The mailbox has others below it'; end if;
    insert into mail.noselect values (p_account, p_name) on conflict do nothing;
  end if;
  with gone as (delete from mail.entry e where e.account_id = p_account and e.mailbox_id = box.mailbox_id returning e.uid, e.message_id, e.flags)
  insert into mail.expunged (account_id, mailbox_id, uid, modseq, message_id, flags)
    select p_account, box.mailbox_id, g.uid, v_modseq, g.message_id, g.flags from gone g;
  delete from mail.change c where c.account_id = p_account and c.mailbox_id = box.mailbox_id;
  delete from mail.mailbox m where m.account_id = p_account and m.mailbox_id = box.mailbox_id;
  update mail.account_state a set bytes = a.bytes - box.bytes, messages = a.messages - box.messages where a.account_id = p_account;
  return query select box.mailbox_id, v_modseq;
end $$;

-- RENAME of INBOX (RFC 3501 section 6.3.5): a new mailbox, and all messages of the caller's index into it, in one transaction. target and the columns of
-- transfer_1; status 2: the index was stale, and nothing was made.
create function mail.rename_inbox_1(p_account bigint, p_name text, p_seen bigint, p_uids bigint[], p_ids bigint[], p_flags bigint[],
  p_bytes bigint, p_unseen int, p_deleted int)
returns table (target int, status int, modseq bigint, from_previous bigint, to_previous bigint, uidvalidity bigint, first_uid bigint, saved bigint)
language plpgsql as $$
#variable_conflict use_column
declare v_target int;
begin
  perform from mail.account_state a where a.account_id = p_account for no key update;
  if not exists (select from mail.mailbox m where m.account_id = p_account and m.mailbox_id = 1 and m.flags_modseq = p_seen) then
    return query select 0, 2, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint; return;
  end if;
  v_target := mail.create_mailbox_2(p_account, p_name, 0::smallint);
  return query select v_target, t.* from mail.transfer_1(p_account, 1, v_target, p_seen, p_uids, p_ids, p_flags, p_bytes, p_unseen, p_deleted, true) t;
end $$;

create function mail.remove_account_2(p_account bigint) returns void language plpgsql as $$
begin
  perform mail.remove_account_1(p_account);
  delete from mail.noselect where account_id = p_account;
  delete from mail.search_progress where account_id = p_account;
end $$;

-- As purge_1, but the message goes before its text: who is about to store a text holds the message's row (SearchIndex), so that none is left behind.
create function mail.purge_2(p_account bigint, p_mailbox int, p_before timestamptz, p_limit int) returns int language plpgsql as $$
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
  delete from mail.message g where g.account_id = p_account and g.message_id = any (v_ids);
  delete from mail.body b where b.account_id = p_account and b.message_id = any (v_ids);
  delete from mail.search_text t where t.account_id = p_account and t.message_id = any (v_ids);
  return v_n;
end $$;

-- Forgets what led to threads that have no message any more. Under the lock, so that no message joins such a thread meanwhile.
create function mail.purge_threads_1(p_account bigint) returns int language plpgsql as $$
declare v_n int;
begin
  perform from mail.account_state a where a.account_id = p_account for no key update;
  delete from mail.thread_ref t where t.account_id = p_account
    and not exists (select from mail.message g where g.account_id = p_account and g.thread_id = t.thread_id);
  get diagnostics v_n = row_count;
  return v_n;
end $$;
