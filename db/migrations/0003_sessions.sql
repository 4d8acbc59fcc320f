-- Sessions, what was approved, who decided, the run, its output.

create table sessions (
  id uuid primary key,
  kind text not null check (kind in ('exec', 'connect')),
  state text not null default 'pending',
  state_since timestamptz not null default now(),
  -- counts up with every change that people are shown
  revision int not null default 1,
  connection_id uuid references connections on delete set null,
  connection_name text not null,
  agent_name text not null,
  requester_id uuid not null references users,
  reason text not null default '',
  correlation_id text,
  envelope_version int not null default 1,
  digest text not null,
  policy jsonb not null,
  channel_ids text[] not null default '{}',
  -- how people call those channels, e.g. #ops
  asked_in text[] not null default '{}',
  run_timeout_asked boolean not null default false,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- when Temporal took the workflow; null: the sweep starts it
  workflow_started_at timestamptz,
  approved_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  exit_code int,
  exit_signal text,
  output_bytes bigint not null default 0,
  end_message text,
  end_cause text,
  constraint session_state check (state in ('pending','approved','queued','running','finished','rejected','expired','cancelled','revoked','failed','lost')),
  constraint end_state_has_time check ((ended_at is not null) = (state in ('finished','rejected','expired','cancelled','revoked','failed','lost')))
);
create index sessions_open on sessions (created_at) where ended_at is null;
create index sessions_created on sessions (created_at desc);
create index sessions_requester on sessions (requester_id, created_at desc);
create index sessions_not_started on sessions (created_at) where workflow_started_at is null;

-- A session reaches one end state and keeps it.
create function keep_end_state() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null and (new.state <> old.state or new.ended_at is distinct from old.ended_at
      or new.exit_code is distinct from old.exit_code) then
    raise exception 'session % has ended (%)', old.id, old.state using errcode = 'check_violation', constraint = 'one_end_state';
  end if;
  return new;
end $$;
create trigger one_end_state before update on sessions for each row execute function keep_end_state();

create table session_envelopes (
  session_id uuid not null references sessions on delete cascade,
  version int not null,
  digest text not null,
  -- canonical JSON, the bytes that the digest is of
  body text not null,
  created_at timestamptz not null default now(),
  primary key (session_id, version)
);

-- What people decided: approvals, rejections, withdrawals, revocations. The authority for every run.
create table decisions (
  id uuid primary key default gen_random_uuid(),
  session_id uuid not null references sessions on delete cascade,
  envelope_version int not null,
  digest text not null,
  seq int not null,
  user_id uuid not null references users,
  verdict text not null check (verdict in ('approve', 'reject', 'cancel', 'revoke')),
  group_name text,
  force boolean not null default false,
  reason text not null default '',
  via text not null check (via in ('slack', 'console', 'cli', 'api')),
  created_at timestamptz not null default now(),
  -- when the workflow took the signal; null: the sweep sends it
  signalled_at timestamptz,
  constraint one_decision unique (session_id, envelope_version, user_id, verdict),
  constraint decision_order unique (session_id, seq)
);
create index decisions_not_signalled on decisions (created_at) where signalled_at is null;

-- A run consumed once: the row names the one journal that may hold it.
create table runs (
  session_id uuid primary key references sessions on delete cascade,
  envelope_version int not null,
  digest text not null,
  agent_instance_id uuid not null references agent_instances,
  journal_id uuid not null,
  nonce text not null unique,
  approved_by uuid[] not null,
  consumed_at timestamptz not null default now(),
  -- the agent's report of the end (`exitedFrame`), once it is known
  exited jsonb
);

create table session_output (
  session_id uuid not null references sessions on delete cascade,
  -- bytes of both streams before this chunk
  "offset" bigint not null check ("offset" >= 0),
  stream smallint not null check (stream in (1, 2)),
  data bytea not null check (length(data) > 0),
  at timestamptz not null default now(),
  primary key (session_id, "offset")
);
-- compressing output costs more time than the disk it saves
alter table session_output alter column data set storage external;
