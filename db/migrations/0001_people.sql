-- Users, groups, tokens, Slack identities.

create table users (
  id uuid primary key default gen_random_uuid(),
  email text not null unique check (email = lower(email) and length(email) <= 254),
  name text not null default '',
  -- scrypt$N$r$p$salt$hash, base64; null: nobody can sign in with a password
  password_hash text,
  active boolean not null default true,
  -- seeded for the sandbox: active only while the sandbox is
  sandbox boolean not null default false,
  created_at timestamptz not null default now()
);

create table groups (
  name text primary key,
  created_at timestamptz not null default now()
);

create table user_groups (
  user_id uuid not null references users on delete cascade,
  group_name text not null references groups,
  primary key (user_id, group_name)
);
create index user_groups_group on user_groups (group_name);

-- A Slack id belongs to one user, a user has one Slack id.
create table slack_identities (
  slack_id text primary key,
  user_id uuid not null unique references users on delete cascade,
  -- null: given by an admin before the workspace was known
  team_id text,
  -- D... channel, once opened
  dm_channel text,
  bound_at timestamptz not null default now()
);

create table tokens (
  -- SHA-256 of the token, hex; the token itself is nowhere
  hash text primary key,
  user_id uuid not null references users on delete cascade,
  kind text not null check (kind in ('cli', 'web')),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index tokens_user on tokens (user_id);
