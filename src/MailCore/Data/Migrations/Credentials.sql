-- What programs log in with instead of the account's own password. Nothing here can be shown again: an app password is a SCRAM-SHA-256 verifier
-- (RFC 5802 section 3), an access token and a client certificate are SHA-256 digests.
create table directory.credential (
  credential_id bigint generated always as identity primary key,     -- never used twice
  account_id bigint not null references directory.account on delete cascade,
  kind smallint not null check (kind between 0 and 2),                -- app password, access token, client certificate
  label text not null,
  scopes smallint not null,                                           -- bits: IMAP, POP3, SMTP, REST API
  salt bytea,
  iterations integer check (iterations >= 4096),
  stored_key bytea check (length(stored_key) = 32),
  server_key bytea check (length(server_key) = 32),
  digest bytea unique check (length(digest) = 32),
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used timestamptz,
  check (case when kind = 0 then num_nulls(salt, iterations, stored_key, server_key) = 0 and digest is null
              else num_nonnulls(salt, iterations, stored_key, server_key) = 0 and digest is not null end)
) with (fillfactor = 80);
create index credential_account on directory.credential (account_id);
create index credential_app_password on directory.credential (credential_id) where kind = 0;

-- What all nodes of an installation must know and nobody else. The salts of SCRAM come from this one, so that a name that doesn't exist has a
-- salt as steady as that of a name that does.
create table directory.secret (
  name text collate "C" primary key,
  value bytea not null
);
insert into directory.secret values ('scram-salt', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
