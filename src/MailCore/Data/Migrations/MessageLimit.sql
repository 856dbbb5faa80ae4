-- A limit on the number of an account's messages beside the one on their octets (RFC 9208 section 5.2). What is counted are places in mailboxes, as in
-- account_state.messages: a copy counts again.
alter table mail.account_state add column message_limit bigint;            -- null: no limit
alter table directory.account add column message_limit bigint check (message_limit >= 0);

-- Each function that asked for the one limit is made anew to ask for both: it is the one before it but for these lines (ADR 0210). A limit that is null
-- makes its comparison null, which refuses nothing. The old ones stay for nodes of the release before, and transfer_1 for RENAME of INBOX, where nothing grows.
do $make$
declare r record; v_text text;
begin
  for r in select * from (values
    ('append_3', 'append_4', array[
      'a.quota_bytes, m.mailbox_id,',
      'a.quota_bytes, a.messages, a.message_limit, m.mailbox_id,',
      'r.quota_bytes is not null and r.bytes + v_bytes + v_sum > r.quota_bytes',        -- j - i: the messages of the unit
      '(r.bytes + v_bytes + v_sum > r.quota_bytes or r.messages + v_count + j - i > r.message_limit)']),
    ('append_one_1', 'append_one_2', array[
      'a.bytes + p_size <= a.quota_bytes)',
      'a.bytes + p_size <= a.quota_bytes) and (a.message_limit is null or a.messages < a.message_limit)']),
    ('transfer_1', 'transfer_3', array[
      's.quota_bytes is not null and s.bytes + p_bytes > s.quota_bytes',
      '(s.bytes + p_bytes > s.quota_bytes or s.messages + k > s.message_limit)']),
    ('transfer_2', 'transfer_4', array[
      's.quota_bytes is not null and s.bytes + p_bytes > s.quota_bytes',
      '(s.bytes + p_bytes > s.quota_bytes or s.messages + k > s.message_limit)'])) x(was, becomes, change)
  loop
    v_text := replace(pg_get_functiondef(('mail.' || r.was)::regproc), 'FUNCTION mail.' || r.was || '(', 'FUNCTION mail.' || r.becomes || '(');
    for i in 1 .. cardinality(r.change) by 2 loop
      if strpos(v_text, r.change[i]) = 0 then
        raise exception '% has no "%"', r.was, r.change[i];
      end if;
      v_text := replace(v_text, r.change[i], r.change[i + 1]);
    end loop;
    execute v_text;
  end loop;
end $make$;

create function mail.provision_2(p_account bigint, p_quota bigint, p_messages bigint) returns void language plpgsql as $$
begin
  perform mail.provision_1(p_account, p_quota);
  update mail.account_state a set message_limit = p_messages where a.account_id = p_account and a.message_limit is distinct from p_messages;
end $$;
