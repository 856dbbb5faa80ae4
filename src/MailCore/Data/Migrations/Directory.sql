-- Domains, accounts and addresses: small tables that every node reads and only administrators write (on Citus: reference tables).
-- Names are compared by octet (collate "C"); what is equal without regard to case is folded by EmailAddress.Key before it comes here.
create schema directory;

create table directory.domain (
  name text collate "C" primary key,
  ascii_name text collate "C" not null unique,
  dkim_selector text not null,
  dkim_private_key text not null,
  created_at timestamptz not null
);

create table directory.account (
  account_id bigint generated always as identity primary key,        -- never used twice
  local text not null,
  domain text collate "C" not null references directory.domain,
  display_name text not null,
  password_hash text not null,
  is_administrator boolean not null,
  is_disabled boolean not null,
  quota_bytes bigint check (quota_bytes >= 0),
  credential_version bigint not null,
  created_at timestamptz not null,
  last_login timestamptz
) with (fillfactor = 80);
create index account_domain on directory.account (domain);
create index account_administrators on directory.account (account_id) where is_administrator and not is_disabled;

-- An account's own address or an alias: the key is unique over both.
create table directory.address (
  key text collate "C" primary key,
  local text not null,
  domain text collate "C" not null references directory.domain,
  account_id bigint unique references directory.account on delete cascade,
  targets text[] collate "C",
  created_at timestamptz not null,
  check ((account_id is null) <> (targets is null)),
  check (cardinality(targets) > 0)
);
create index address_domain on directory.address (domain, key);
create index address_targets on directory.address using gin (targets);
