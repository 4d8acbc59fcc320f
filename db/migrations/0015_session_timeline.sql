-- The way of a session as people see it: who has seen the request, and what the audit log has about it.

create table session_views (
  session_id uuid not null references sessions on delete cascade,
  -- who saw the request before it changed has not seen what it is now
  envelope_version int not null,
  user_id uuid not null references users on delete cascade,
  via text not null check (via in ('slack', 'console', 'cli', 'api')),
  first_seen_at timestamptz not null default now(),
  primary key (session_id, envelope_version, user_id)
);

create index audit_log_subject on audit_log (subject, id);
