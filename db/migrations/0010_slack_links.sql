-- Links of `/hoop subscribe`: whoever opens one, signs in and confirms decides in Slack as the account that asked for it.

create table slack_links (
  -- the token in the link is this id and an HMAC over the row, by a key that is not in the database
  id uuid primary key,
  slack_id text not null,
  team_id text not null,
  -- as the command's payload had it; shown, never relied on
  slack_name text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- a newer link of the same person took its place
  replaced_at timestamptz,
  used_at timestamptz,
  used_by uuid references users on delete set null
);
create index slack_links_person on slack_links (slack_id, team_id, created_at);
create index slack_links_created_at on slack_links (created_at);

-- Events that were answered: Slack sends one again when its acknowledgement is late or lost, to any replica.
create table slack_events (
  event_id text primary key,
  seen_at timestamptz not null default now()
);
create index slack_events_seen_at on slack_events (seen_at);
