-- Names in NFC (RFC 5198). Where two names become one, the mailbox made later gets its number behind its name.
with named as (
  select m.account_id, m.mailbox_id, normalize(m.name, NFC) as name,
      row_number() over (partition by m.account_id, normalize(m.name, NFC) order by m.name is not nfc normalized, m.mailbox_id) as rank
    from mail.mailbox m)
update mail.mailbox m set name = n.name || case when n.rank > 1 then ' ' || n.mailbox_id else '' end
  from named n where n.account_id = m.account_id and n.mailbox_id = m.mailbox_id and m.name is not nfc normalized;
insert into mail.noselect select n.account_id, normalize(n.name, NFC) from mail.noselect n
  where n.name is not nfc normalized
    and not exists (select from mail.mailbox m where m.account_id = n.account_id and m.name = normalize(n.name, NFC)) on conflict do nothing;
delete from mail.noselect n where n.name is not nfc normalized;
insert into mail.subscription select s.account_id, normalize(s.name, NFC) from mail.subscription s where s.name is not nfc normalized on conflict do nothing;
delete from mail.subscription s where s.name is not nfc normalized;
