-- Agents, connections, plugins, and the replicas of the gateway.

create table agents (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  token_hash text not null unique,
  created_at timestamptz not null default now()
);

-- One enrolled key. `epoch` counts its connections: a new one fences the old poller.
create table agent_instances (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references agents on delete cascade,
  public_key text not null unique,
  journal_id uuid not null,
  hostname text not null default '',
  version text not null default '',
  epoch bigint not null default 0,
  gateway_id uuid,
  connected_at timestamptz,
  last_seen_at timestamptz
);
create index agent_instances_agent on agent_instances (agent_id);

-- Replicas of the gateway hold a lease; what a dead one held counts as disconnected.
create table gateways (
  id uuid primary key,
  peer_url text not null,
  started_at timestamptz not null default now(),
  lease_until timestamptz not null
);

create table connections (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  -- counts up with each change of what reviewers approve: command, agent, env, reviewers
  version int not null default 1,
  agent_id uuid not null references agents,
  command text[] not null check (cardinality(command) > 0),
  -- {groups, minApprovals, distinctReviewers, forceApproveGroups}; missing or unreadable: nothing runs
  policy jsonb not null,
  require_reason boolean not null default false,
  -- sealed JSON object of name -> value
  env_sealed bytea,
  env_names text[] not null default '{}',
  allow_env text[] not null default '{}',
  tags jsonb not null default '{}',
  access_modes text[] not null default '{exec}',
  expire_seconds int not null default 86400 check (expire_seconds > 0),
  max_runtime_seconds int not null default 0 check (max_runtime_seconds >= 0),
  max_output_bytes bigint not null default 1073741824 check (max_output_bytes > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table connection_plugins (
  connection_id uuid not null references connections on delete cascade,
  plugin text not null,
  -- as given by the admin; `channel_ids` are what Slack calls them
  channels text[] not null default '{}',
  channel_ids text[] not null default '{}',
  primary key (connection_id, plugin)
);

create table plugins (
  name text primary key,
  -- sealed JSON object of setting -> value
  config_sealed bytea,
  config_names text[] not null default '{}',
  -- where its tokens were verified, and what Slack said then: {team:{id,name},botUser,botUserId,appId,scopes}
  api_url text,
  info jsonb not null default '{}',
  state text not null default 'off' check (state in ('connected', 'connecting', 'error', 'off')),
  last_error text,
  version int not null default 1,
  updated_at timestamptz not null default now()
);

-- Keys and other single values of the installation; `value` is sealed where `sealed` says so.
create table settings (
  name text primary key,
  value bytea not null,
  sealed boolean not null default true
);
