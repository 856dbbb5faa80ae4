-- Who else may do what with a mailbox (RFC 4314): by account number, so that another address changes nothing. The owner stands in no row and may do all.
create table mail.acl (
  account_id bigint, mailbox_id int,
  grantee bigint,                             -- an account; 0: anyone
  granted int not null, denied int not null,  -- bits, see MailboxRights; denied are the negative rights
  primary key (account_id, mailbox_id, grantee)
);
create index acl_grantee on mail.acl (grantee, account_id, mailbox_id);

-- \Seen of those who aren't the owner: a log of what each reader saw and unsaw, by the owner's modseq; all rows in order give the state, and the oldest
-- are put together now and then. UIDs of messages that are gone do no harm.
create table mail.seen (
  account_id bigint, mailbox_id int, reader bigint, modseq bigint,
  seen int8multirange not null, unseen int8multirange not null,
  primary key (account_id, mailbox_id, reader, modseq)
);
create index seen_reader on mail.seen (reader);
alter table mail.mailbox add column readers_modseq bigint not null default 0;   -- the last change of any reader's \Seen or rights: a hint only

create function mail.rights_1(p_account bigint, p_mailbox int, p_actor bigint) returns int language sql stable as $$
  select case when p_actor = p_account then 2047 else coalesce((select bit_or(a.granted) & ~bit_or(a.denied) from mail.acl a
    where a.account_id = p_account and a.mailbox_id = p_mailbox and a.grantee in (0, p_actor)), 0) end
$$;

-- WM403: may see it (l or r), but not do that; WM404 for who must not learn that there is such a mailbox (RFC 4314 section 6).
create function mail.demand_1(p_account bigint, p_mailbox int, p_actor bigint, p_needs int) returns void language plpgsql as $$
declare v_rights int := mail.rights_1(p_account, p_mailbox, p_actor);
begin
  if v_rights & p_needs = p_needs then return; end if;
  if v_rights & 3 <> 0 then raise exception using errcode = 'WM403', message = 'You may not do that with this mailbox'; end if;
  raise exception using errcode = 'WM404', message = 'No such mailbox';
end $$;

-- The mailbox that stands next above a name; null: none does.
create function mail.nearest_1(p_account bigint, p_name text) returns int language plpgsql stable as $$
declare v_name text := p_name; v_mailbox int;
begin
  while strpos(v_name, '/') > 0 loop
    v_name := regexp_replace(v_name, '/[^/]*$', '');
    select m.mailbox_id into v_mailbox from mail.mailbox m where m.account_id = p_account and m.name = v_name;
    if found then return v_mailbox; end if;
  end loop;
  return null;
end $$;

-- A mailbox that is made has what its parent has (RFC 4314 section 4).
create function mail.inherit_1(p_account bigint, p_mailbox int, p_name text) returns void language sql as $$
  insert into mail.acl select a.account_id, p_mailbox, a.grantee, a.granted, a.denied from mail.acl a
    where a.account_id = p_account and a.mailbox_id = mail.nearest_1(p_account, p_name)
$$;

-- As make_parents_2, and each inherits.
create function mail.make_parents_3(p_account bigint, p_name text, p_modseq bigint) returns void language plpgsql as $$
declare v_at int := 0; v_part text; v_step int;
begin
  loop
    v_step := strpos(substr(p_name, v_at + 1), '/');
    exit when v_step = 0;
    v_at := v_at + v_step;
    v_part := left(p_name, v_at - 1);
    if not exists (select from mail.mailbox m where m.account_id = p_account and m.name = v_part)
        and not exists (select from mail.noselect n where n.account_id = p_account and n.name = v_part) then
      perform mail.inherit_1(p_account, mail.make_mailbox_1(p_account, v_part, 0::smallint, p_modseq), v_part);
    end if;
  end loop;
end $$;

-- Who makes a mailbox in another's account needs k on the one next above; the answer is the same whether there is such an account or parent or not.
create function mail.demand_parent_1(p_account bigint, p_name text, p_actor bigint) returns void language plpgsql as $$
declare v_parent int;
begin
  if p_actor = p_account then return; end if;
  v_parent := mail.nearest_1(p_account, p_name);
  if v_parent is null or mail.rights_1(p_account, v_parent, p_actor) & 64 = 0 then
    raise exception using errcode = 'WM403', message = 'You may not make a mailbox there';
  end if;
end $$;

create function mail.create_mailbox_3(p_account bigint, p_name text, p_use smallint, p_actor bigint) returns int language plpgsql as $$
declare v_modseq bigint; v_mailbox int;
begin
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account returning a.modseq into v_modseq;
  if not found then raise exception using errcode = 'WM404', message = 'No such account'; end if;
  perform mail.demand_parent_1(p_account, p_name, p_actor);
  perform mail.make_parents_3(p_account, p_name, v_modseq);
  v_mailbox := mail.create_mailbox_2(p_account, p_name, p_use);
  perform mail.inherit_1(p_account, v_mailbox, p_name);
  return v_mailbox;
end $$;

-- Another than the owner needs x on what is renamed, and on all below it, and k on the new parent.
create function mail.rename_mailbox_3(p_account bigint, p_from text, p_to text, p_actor bigint) returns void language plpgsql as $$
declare v_modseq bigint; v_mailbox int;
begin
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account returning a.modseq into v_modseq;
  if p_actor <> p_account then
    select m.mailbox_id into v_mailbox from mail.mailbox m where m.account_id = p_account and m.name = p_from;
    if not found then raise exception using errcode = 'WM404', message = 'No such mailbox'; end if;
    perform mail.demand_1(p_account, v_mailbox, p_actor, 128);
    if exists (select from mail.mailbox m where m.account_id = p_account and m.name >= p_from || '/' and m.name < p_from || '0'
        and mail.rights_1(p_account, m.mailbox_id, p_actor) & 128 = 0) then
      raise exception using errcode = 'WM403', message = 'You may not move all that stands below it';
    end if;
    perform mail.demand_parent_1(p_account, p_to, p_actor);
  end if;
  -- What can't be renamed at all says so in rename_mailbox_2, and nothing stays of this.
  perform mail.make_parents_3(p_account, p_to, v_modseq);
  perform mail.rename_mailbox_2(p_account, p_from, p_to);
end $$;

create function mail.rename_inbox_2(p_account bigint, p_name text, p_seen bigint, p_uids bigint[], p_ids bigint[], p_flags bigint[],
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
  v_target := mail.create_mailbox_3(p_account, p_name, 0::smallint, p_account);
  return query select v_target, t.* from mail.transfer_1(p_account, 1, v_target, p_seen, p_uids, p_ids, p_flags, p_bytes, p_unseen, p_deleted, true) t;
end $$;

-- As delete_mailbox_2; another than the owner needs x. With the mailbox go its rights and what its readers saw.
create function mail.delete_mailbox_3(p_account bigint, p_name text, p_leave boolean, p_actor bigint) returns table (mailbox_id int, modseq bigint)
language plpgsql as $$
#variable_conflict use_column
declare v_mailbox int; v_gone int; v_modseq bigint;
begin
  perform from mail.account_state a where a.account_id = p_account for no key update;
  if p_actor <> p_account then
    select m.mailbox_id into v_mailbox from mail.mailbox m where m.account_id = p_account and m.name = p_name;
    if not found then raise exception using errcode = 'WM404', message = 'No such mailbox'; end if;
    perform mail.demand_1(p_account, v_mailbox, p_actor, 128);
  end if;
  select d.mailbox_id, d.modseq into v_gone, v_modseq from mail.delete_mailbox_2(p_account, p_name, p_leave) d;
  delete from mail.acl a where a.account_id = p_account and a.mailbox_id = v_gone;
  delete from mail.seen s where s.account_id = p_account and s.mailbox_id = v_gone;
  return query select v_gone, v_modseq;
end $$;

-- SETACL and DELETEACL. p_key: an account's address as it is looked up; null: anyone. p_operation 0 replaces, 1 adds, 2 takes away.
create function mail.set_acl_1(p_account bigint, p_mailbox int, p_actor bigint, p_key text, p_negative boolean, p_operation int, p_rights int)
returns table (grantee bigint, modseq bigint, grantee_modseq bigint) language plpgsql as $$
#variable_conflict use_column
declare v_grantee bigint := 0; v_before int := 0; v_after int; v_other int := 0; n bigint; v_theirs bigint;
begin
  if p_key is not null then
    select d.account_id into v_grantee from directory.address d where d.key = p_key and d.account_id is not null;
  end if;
  perform from mail.account_state a where a.account_id in (p_account, v_grantee) order by a.account_id for no key update;
  perform mail.demand_1(p_account, p_mailbox, p_actor, 1024);
  if not exists (select from mail.mailbox m where m.account_id = p_account and m.mailbox_id = p_mailbox) then
    raise exception using errcode = 'WM404', message = 'No such mailbox';
  end if;
  if v_grantee is null or (v_grantee <> 0 and not exists (select from mail.account_state a where a.account_id = v_grantee)) then
    raise exception using errcode = 'WM422', message = 'There is no account of this name';
  end if;
  if v_grantee = p_account then
    if p_negative or (p_operation = 0 and p_rights <> 2047) or (p_operation = 2 and p_rights <> 0) then
      raise exception using errcode = 'WM422', message = 'The owner has all rights and keeps them';
    end if;
    return query select v_grantee, a.modseq, a.modseq from mail.account_state a where a.account_id = p_account;
    return;
  end if;
  select case when p_negative then a.denied else a.granted end, case when p_negative then a.granted else a.denied end into v_before, v_other
    from mail.acl a where a.account_id = p_account and a.mailbox_id = p_mailbox and a.grantee = v_grantee;
  if not found then
    v_before := 0; v_other := 0;
    if (select count(*) from mail.acl a where a.account_id = p_account and a.mailbox_id = p_mailbox) >= 1000 then
      raise exception using errcode = 'WM413', message = 'Too many have rights here already';
    end if;
  end if;
  v_after := case p_operation when 0 then p_rights when 1 then v_before | p_rights else v_before & ~p_rights end;
  if v_after | v_other = 0 then
    delete from mail.acl a where a.account_id = p_account and a.mailbox_id = p_mailbox and a.grantee = v_grantee;
  else
    insert into mail.acl as a values (p_account, p_mailbox, v_grantee,
        case when p_negative then v_other else v_after end, case when p_negative then v_after else v_other end)
      on conflict (account_id, mailbox_id, grantee) do update set granted = excluded.granted, denied = excluded.denied;
  end if;
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = p_account returning a.modseq into n;
  update mail.account_state a set modseq = a.modseq + 1 where a.account_id = v_grantee returning a.modseq into v_theirs;
  update mail.mailbox m set readers_modseq = n where m.account_id = p_account and m.mailbox_id = p_mailbox;
  return query select v_grantee, n, coalesce(v_theirs, 0);
end $$;

-- An account that is removed: what it gave, and what it was given elsewhere.
create function mail.forget_sharing_1(p_account bigint) returns void language plpgsql as $$
begin
  delete from mail.acl where account_id = p_account;
  delete from mail.acl where grantee = p_account;
  delete from mail.seen where account_id = p_account;
  delete from mail.seen where reader = p_account;
end $$;
