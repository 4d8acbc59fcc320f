-- What the pages of admins ask for: the audit log by who, what and when; which processes of hoop run; how sweeps fare.

create index audit_log_actor on audit_log (actor, id);
create index audit_log_action on audit_log (action text_pattern_ops, id);
create index audit_log_at on audit_log (at);
create index sessions_ended on sessions (ended_at) where ended_at is not null;

-- null: of a release that did not say
alter table gateways add column version text;
alter table gateways add column host text;

-- Workers hold a lease as gateways do; a row that outlives its lease is one that ended without stopping.
create table workers (
  id uuid primary key,
  host text not null,
  pid int not null,
  version text not null,
  -- as Temporal knows its build
  build text not null,
  started_at timestamptz not null default now(),
  lease_until timestamptz not null
);

-- The last round of each sweep, whichever worker made it.
create table sweep_reports (
  name text primary key,
  ended_at timestamptz,
  took_ms int,
  -- counts by what they are of
  found jsonb not null default '{}',
  -- the last round that found anything
  found_at timestamptz,
  last_found jsonb not null default '{}',
  failed_at timestamptz,
  failure text
);
