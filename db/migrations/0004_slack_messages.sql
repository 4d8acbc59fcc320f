-- What is in Slack, and how current it is: the latest revision wins, an older one never overwrites it.

create table slack_messages (
  session_id uuid not null references sessions on delete cascade,
  channel text not null,
  kind text not null check (kind in ('review', 'outcome')),
  ts text,
  -- SHA-256 of what was posted; equal content is not posted again
  content_hash text,
  revision int not null default 0,
  last_error text,
  updated_at timestamptz not null default now(),
  primary key (session_id, channel, kind)
);
create unique index slack_messages_ts on slack_messages (channel, ts) where ts is not null;

create table slack_direct_messages (
  session_id uuid not null references sessions on delete cascade,
  user_id uuid not null references users on delete cascade,
  event text not null check (event in ('approved', 'rejected', 'expired', 'revoked', 'finished')),
  channel text,
  ts text,
  last_error text,
  sent_at timestamptz,
  primary key (session_id, user_id, event)
);
