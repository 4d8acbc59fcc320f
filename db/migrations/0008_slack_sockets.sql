-- Socket Mode connections, leased: Slack takes ten an app, whichever replica of the gateway holds them.

create table slack_sockets (
  app_id text not null,
  slot smallint not null check (slot between 1 and 10),
  gateway_id uuid not null references gateways on delete cascade,
  taken_at timestamptz not null default now(),
  primary key (app_id, slot)
);
create index slack_sockets_gateway on slack_sockets (gateway_id);

-- How the Slack app fares on each replica; the state of the plugin follows from these rows.
create table slack_replicas (
  gateway_id uuid primary key references gateways on delete cascade,
  -- of the configuration it speaks of
  plugin_version int not null,
  state text not null check (state in ('connected', 'connecting', 'waiting', 'error')),
  open_sockets smallint not null default 0,
  -- why it is not all as it should be, and since when
  problem text,
  problem_at timestamptz,
  since timestamptz not null default now()
);

-- `plugins.state` and `last_error` stay for replicas of 0.1 that still run beside newer ones; nothing here reads them.
