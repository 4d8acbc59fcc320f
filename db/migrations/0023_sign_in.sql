-- API tokens, and the sign-in of the CLI through the console.

alter table tokens
  drop constraint tokens_kind_check,
  add constraint tokens_kind_check check (kind in ('cli', 'web', 'api')),
  -- names the row where the hash must not be shown
  add column id uuid not null default gen_random_uuid() unique,
  -- the rest is of API tokens
  add column name text,
  add column created_by uuid references users on delete set null,
  -- written at most once a minute
  add column last_used_at timestamptz,
  add constraint tokens_api_named check ((kind = 'api') = (name is not null));
create unique index tokens_name on tokens (user_id, name) where kind = 'api';
create index tokens_newest on tokens (created_at, id) where kind = 'api';

-- Somebody typed `hoop login`, and has to confirm it in the console.
create table cli_sign_ins (
  id uuid primary key default gen_random_uuid(),
  flow text not null check (flow in ('browser', 'device')),
  -- what asks, by its own word, and where the request came from
  host text not null,
  address text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,

  -- browser (RFC 8252, RFC 7636): the code goes to 127.0.0.1, and is worth a token to who knows the verifier
  challenge text,
  state text,
  port integer check (port between 1 and 65535),
  code_hash text unique,
  code_expires_at timestamptz,

  -- device (RFC 8628): SHA-256 of the device code, HMAC of the short code that people type
  device_code_hash text unique,
  user_code_mac text unique,
  interval_seconds integer not null default 5,
  asked_at timestamptz,

  verdict text check (verdict in ('confirm', 'deny')),
  user_id uuid references users on delete cascade,
  -- the token was given, or refused for good
  used_at timestamptz,
  check ((flow = 'browser') = (challenge is not null and state is not null and port is not null)),
  check ((flow = 'device') = (device_code_hash is not null and user_code_mac is not null)),
  check ((verdict is null) = (user_id is null))
);
create index cli_sign_ins_expires_at on cli_sign_ins (expires_at);
create index cli_sign_ins_user on cli_sign_ins (user_id);
