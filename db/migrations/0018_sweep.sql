-- What the sweep has seen of Temporal, and what was written to Temporal by others than hoop.

create table sweep_turns (
  -- `closed`: workflows that ended by hand; `running`: open sessions against running workflows
  name text primary key,
  -- replicas take turns by it
  taken_at timestamptz not null,
  -- everything before was seen; null: nothing yet
  seen_until timestamptz
);

-- Runs of workflows that ended otherwise than by their own, each handled once.
create table workflow_closings (
  run_id text primary key,
  session_id uuid not null references sessions on delete cascade,
  -- as Temporal calls it, e.g. TERMINATED
  status text not null,
  outcome text not null,
  at timestamptz not null default now()
);
create index workflow_closings_session on workflow_closings (session_id);

-- Counted here, so that a flood of them is not a flood of audit rows.
create table forged_writes (
  kind text not null,
  subject text not null,
  attempts bigint not null default 1,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  primary key (kind, subject)
);

create index sessions_open_expires on sessions (expires_at) where ended_at is null;
