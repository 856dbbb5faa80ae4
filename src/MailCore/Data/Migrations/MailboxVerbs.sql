-- Errors of these functions: WM404 not found, WM409 there already, WM413 a bound was reached, WM422 can't be, WM423 in use.

-- A new account's mail; again: the quota only.
create function mail.provision_1(p_account bigint, p_quota bigint) returns void language plpgsql as $$
declare v_validity bigint := extract(epoch from now())::bigint;
begin
  insert into mail.account_state (account_id, modseq, next_mailbox, last_uidvalidity, quota_bytes) values (p_account, 1, 7, v_validity + 5, p_quota)
    on conflict (account_id) do nothing;
  if not found then
    update mail.account_state a set quota_bytes = p_quota, modseq = a.modseq + 1 where a.account_id = p_account;
    return;
  end if;
  insert into mail.mailbox (account_id, mailbox_id, name, special_use, uidvalidity, modseq)
    select p_account, o, n, u, v_validity + o - 1, 1
    from unnest(array['INBOX', 'Drafts', 'Sent', 'Junk', 'Trash', 'Archive'], array[0, 1, 2, 3, 4, 5]) with ordinality x(n, u, o);
  insert into mail.subscription select p_account, n from unnest(array['INBOX', 'Drafts', 'Sent', 'Junk', 'Trash', 'Archive']) n on conflict do nothing;
end $$;

create function mail.remove_account_1(p_account bigint) returns void language plpgsql as $$
begin
  delete from mail.account_state where account_id = p_account;             -- the lock; from here on mail is refused
  delete from mail.entry where account_id = p_account;
  delete from mail.change where account_id = p_account;
  delete from mail.expunged where account_id = p_account;
  delete from mail.search_text where account_id = p_account;
  delete from mail.body where account_id = p_account;
  delete from mail.message where account_id = p_account;
  delete from mail.thread_ref where account_id = p_account;
  delete from mail.delivered where account_id = p_account;
  delete from mail.keyword where account_id = p_account;
  delete from mail.subscription where account_id = p_account;
  delete from mail.mailbox where account_id = p_account;
end $$;

-- The levels above a name, made where they are missing; the caller holds the lock and has p_modseq.
create function mail.make_parents_1(p_account bigint, p_name text, p_modseq bigint) returns void language plpgsql as $$
declare v_at int := 0; v_part text; v_step int;
begin
  loop
    v_step := strpos(substr(p_name, v_at + 1), '/');
    exit when v_step = 0;
    v_at := v_at + v_step;
    v_part := left(p_name, v_at - 1);
    if not exists (select from mail.mailbox m where m.account_id = p_account and m.name = v_part) then
      perform mail.make_mailbox_1(p_account, v_part, 0::smallint, p_modseq);
    end if;
  end loop;
end $$;

-- One row; the caller holds the lock. A UIDVALIDITY is never given twice in an account, so a name used before gets a higher one.
create function mail.make_mailbox_1(p_account bigint, p_name text, p_use smallint, p_modseq bigint) returns int language plpgsql as $$
declare s mail.account_state;
begin
  if (select count(*) from mail.mailbox m where m.account_id = p_account) >= 10000 then
    raise exception using errcode = 'WM413', message = 'Too many mailboxes';
  end if;
  update mail.account_state a set next_mailbox = a.next_mailbox + 1, last_uidvalidity = greatest(a.last_uidvalidity + 1, extract(epoch from now())::bigint)
    where a.account_id = p_account returning a.* into s;
  insert into mail.mailbox (account_id, mailbox_id, name, special_use, uidvalidity, modseq)
    values (p_account, s.next_mailbox - 1, p_name, p_use, s.last_uidvalidity, p_modseq);
  return s.next_mailbox - 1;
end $$;

create function mail.create_mailbox_1(p_account bigint, p_name text, p_use smallint) returns int language plpgsql as $$
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
  perform mail.make_parents_1(p_account, p_name, v_modseq);
  return mail.make_mailbox_1(p_account, p_name, p_use, v_modseq);
end $$;

-- Renames a mailbox with all that stand below it; '0' is what follows '/' in the order of bytes. Returns the numbers of all that got another name.
create function mail.rename_mailbox_1(p_account bigint, p_from text, p_to text) returns int[] language plpgsql as $$
declare v_modseq bigint; v_ids int[];
begin
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account returning a.modseq into v_modseq;
  if not exists (select from mail.mailbox m where m.account_id = p_account and m.name = p_from) then
    raise exception using errcode = 'WM404', message = 'No such mailbox';
  end if;
  if p_to = p_from or exists (select from mail.mailbox m where m.account_id = p_account and m.name = p_to) then
    raise exception using errcode = 'WM409', message = 'There is such a mailbox already';
  end if;
  if starts_with(p_to, p_from || '/') then
    raise exception using errcode = 'WM422', message = 'A mailbox can''t move below itself';
  end if;
  if exists (select from mail.mailbox m where m.account_id = p_account and m.name >= p_from || '/' and m.name < p_from || '0'
      and (octet_length(m.name) - octet_length(p_from) + octet_length(p_to) > 1000
        or length(m.name) - length(replace(m.name, '/', '')) - (length(p_from) - length(replace(p_from, '/', '')))
          + length(p_to) - length(replace(p_to, '/', '')) >= 20)) then
    raise exception using errcode = 'WM422', message = 'A mailbox below it would get too long a name';
  end if;
  perform mail.make_parents_1(p_account, p_to, v_modseq);
  with moved as (
    update mail.mailbox m set name = p_to || substr(m.name, length(p_from) + 1)
      where m.account_id = p_account and (m.name = p_from or (m.name >= p_from || '/' and m.name < p_from || '0'))
      returning m.mailbox_id)
  select array_agg(x.mailbox_id) into v_ids from moved x;
  return v_ids;
end $$;

-- Deletes a mailbox with its messages; what it held goes to the log of the expunged, whence the purge job frees it.
create function mail.delete_mailbox_1(p_account bigint, p_name text) returns table (mailbox_id int, modseq bigint) language plpgsql as $$
#variable_conflict use_column
declare v_modseq bigint; box mail.mailbox;
begin
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account returning a.modseq into v_modseq;
  select m.* into box from mail.mailbox m where m.account_id = p_account and m.name = p_name;
  if not found then raise exception using errcode = 'WM404', message = 'No such mailbox'; end if;
  if box.mailbox_id = 1 then raise exception using errcode = 'WM423', message = 'INBOX can''t be deleted'; end if;
  if exists (select from mail.mailbox m where m.account_id = p_account and m.name >= p_name || '/' and m.name < p_name || '0') then
    raise exception using errcode = 'WM423', message = 'The mailbox has others below it';
  end if;
  with gone as (delete from mail.entry e where e.account_id = p_account and e.mailbox_id = box.mailbox_id returning e.uid, e.message_id, e.flags)
  insert into mail.expunged (account_id, mailbox_id, uid, modseq, message_id, flags)
    select p_account, box.mailbox_id, g.uid, v_modseq, g.message_id, g.flags from gone g;
  delete from mail.change c where c.account_id = p_account and c.mailbox_id = box.mailbox_id;
  delete from mail.mailbox m where m.account_id = p_account and m.mailbox_id = box.mailbox_id;
  update mail.account_state a set bytes = a.bytes - box.bytes, messages = a.messages - box.messages where a.account_id = p_account;
  return query select box.mailbox_id, v_modseq;
end $$;

create function mail.subscribe_1(p_account bigint, p_name text, p_on boolean) returns void language plpgsql as $$
begin
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account;
  if p_on then
    if (select count(*) from mail.subscription s where s.account_id = p_account) >= 20000 then
      raise exception using errcode = 'WM413', message = 'Too many subscriptions';
    end if;
    insert into mail.subscription values (p_account, p_name) on conflict do nothing;
  else
    delete from mail.subscription s where s.account_id = p_account and s.name = p_name;
  end if;
end $$;

-- The bits of some keywords, new ones made as needed; p_folded are the names without regard to case. Null: there is no room for all of them.
create function mail.keyword_bits_1(p_account bigint, p_names text[], p_folded text[]) returns bigint language plpgsql as $$
declare v_bits bigint := 0; v_bit int; v_new boolean := false;
begin
  perform from mail.account_state a where a.account_id = p_account for no key update;
  if not found then raise exception using errcode = 'WM404', message = 'No such account'; end if;
  for i in 1 .. cardinality(p_names) loop
    select k.bit into v_bit from mail.keyword k where k.account_id = p_account and k.folded = p_folded[i];
    if not found then
      select min(b) into v_bit from generate_series(8, 62) b where not exists (select from mail.keyword k where k.account_id = p_account and k.bit = b);
      if v_bit is null then raise exception using errcode = 'WM413', message = 'Too many keywords'; end if;
      insert into mail.keyword values (p_account, v_bit, p_names[i], p_folded[i]);
      v_new := true;
    end if;
    v_bits := v_bits | (1::bigint << v_bit);
  end loop;
  if v_new then update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account; end if;
  return v_bits;
end $$;
