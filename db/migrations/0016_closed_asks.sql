-- What reviewers were asked in private is rewritten once, when the request does not wait for them any more.

alter table slack_direct_messages
  -- it says what became of the request
  add column closed_at timestamptz,
  -- messages of the same conversation that were sent for it before, oldest first, and are not rewritten yet
  add column earlier text[] not null default '{}';
create index slack_direct_messages_open on slack_direct_messages (session_id)
  where event in ('asked', 'reminder') and ts is not null and closed_at is null;
