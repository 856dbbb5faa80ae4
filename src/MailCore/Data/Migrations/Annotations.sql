-- Annotations (RFC 5464) by the mailbox's owner. mailbox_id 0: a user's own of the server. who: whose it is, 0: shared. A value that was removed stays
-- as null for a while, so that it can be told of; what is left of mailboxes and accounts that are gone is freed by a job (their numbers don't come again).
create table mail.annotation (
  account_id bigint, mailbox_id int, who bigint, entry text collate "C", value bytea, modseq bigint not null, at timestamptz not null default now(),
  primary key (account_id, mailbox_id, who, entry)
);

-- Those of the server that are everybody's.
create table mail.server_annotation (entry text collate "C" primary key, value bytea not null);

-- Sets all or none; a null value removes. p_limit: how many one mailbox may have of one user, or shared.
create function mail.annotate_1(p_account bigint, p_mailbox int, p_who bigint[], p_entry text[], p_value bytea[], p_limit int) returns bigint language plpgsql as $$
declare v_modseq bigint;
begin
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account returning a.modseq into v_modseq;
  if not found or (p_mailbox <> 0 and not exists (select from mail.mailbox m where m.account_id = p_account and m.mailbox_id = p_mailbox)) then
    raise exception using errcode = 'WM404', message = 'No such mailbox';
  end if;
  update mail.annotation x set value = null, modseq = v_modseq, at = now()
    from unnest(p_who, p_entry, p_value) n(who, entry, value)
    where n.value is null and x.account_id = p_account and x.mailbox_id = p_mailbox and x.who = n.who and x.entry = n.entry and x.value is not null;
  insert into mail.annotation as x (account_id, mailbox_id, who, entry, value, modseq)
    select p_account, p_mailbox, n.who, n.entry, n.value, v_modseq from unnest(p_who, p_entry, p_value) n(who, entry, value) where n.value is not null
    on conflict (account_id, mailbox_id, who, entry) do update set value = excluded.value, modseq = excluded.modseq, at = now();
  if exists (select from mail.annotation x where x.account_id = p_account and x.mailbox_id = p_mailbox and x.value is not null group by x.who having count(*) > p_limit) then
    raise exception using errcode = 'WM413', message = 'Too many annotations';
  end if;
  return v_modseq;
end $$;

-- What a mailbox is for (RFC 6154), given to one that is there; 0 takes it away.
create function mail.set_use_1(p_account bigint, p_mailbox int, p_use smallint) returns bigint language plpgsql as $$
declare v_modseq bigint;
begin
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account returning a.modseq into v_modseq;
  if p_use <> 0 and exists (select from mail.mailbox m where m.account_id = p_account and m.special_use = p_use and m.mailbox_id <> p_mailbox) then
    raise exception using errcode = 'WM409', message = 'Another mailbox has that use';
  end if;
  update mail.mailbox m set special_use = p_use where m.account_id = p_account and m.mailbox_id = p_mailbox and m.mailbox_id <> 1;
  if not found then raise exception using errcode = 'WM422', message = 'This mailbox can''t have that use'; end if;
  return v_modseq;
end $$;
