-- A connection that changes while requests wait: each gets a new version of its envelope, and everybody is told why.

-- Of the connection that the present envelope was made from. Null: written by a release before, or the session ended then.
alter table sessions add column connection_version int;
-- When reviewers were reminded that it expires.
alter table sessions add column reminded_at timestamptz;
update sessions s set connection_version = (e.body::jsonb #>> '{connection,version}')::int
  from session_envelopes e
  where e.session_id = s.id and e.version = s.envelope_version and s.ended_at is null;
-- requests that wait, by the version they were made from
create index sessions_waiting on sessions (connection_id, connection_version) where state in ('pending', 'approved', 'queued');

-- What each version of a connection changed, and who made it.
create table connection_changes (
  connection_id uuid not null references connections on delete cascade,
  version int not null,
  at timestamptz not null default now(),
  by text not null,
  -- command, agent, env, reviewers, window
  changed text[] not null,
  primary key (connection_id, version)
);

-- Why a session has another envelope than the one it began with.
create table session_renewals (
  session_id uuid not null references sessions on delete cascade,
  envelope_version int not null,
  at timestamptz not null default now(),
  by text not null,
  changed text[] not null,
  primary key (session_id, envelope_version)
);

-- Sessions whose workflow has to look at the rows again, kept until Temporal took the signal.
create table session_nudges (
  session_id uuid primary key references sessions on delete cascade,
  at timestamptz not null default now(),
  -- counts up: a signal that is under way settles only what it was sent for
  asked int not null default 1
);

alter table slack_direct_messages drop constraint slack_direct_messages_event_check;
alter table slack_direct_messages add constraint slack_direct_messages_event_check
  check (event in ('asked', 'approved', 'rejected', 'expired', 'revoked', 'finished', 'changed', 'reminder'));
-- of the request that the person was told of last: a renewed one is told of again
alter table slack_direct_messages add column envelope_version int not null default 1;
