-- Delivery to Slack: whose turn it is, how each channel fares, notes in threads, reviewers who are asked.

-- How each channel takes what hoop posts; admins see the failures.
create table slack_channels (
  team_id text not null,
  channel text not null,
  -- as people call it, e.g. #ops
  name text not null,
  -- Slack's code of the last refusal, and what to do about it; null while the channel takes messages
  code text,
  advice text,
  failing_since timestamptz,
  failures int not null default 0,
  last_failure_at timestamptz,
  -- until then nobody tries again what was refused, but for the session whose turn it is to try
  next_try_at timestamptz,
  tried_by uuid,
  -- of the plugin's configuration that was tried last: a new one is tried at once
  plugin_version int not null default 0,
  last_success_at timestamptz,
  primary key (team_id, channel)
);

-- One row a limit of Slack (a channel, a method, a kind of message): a bucket that calls leave at most `burst` at once.
create table slack_pace (
  bucket text primary key,
  -- when the last departure is paid for: one interval is added for each
  departed_to timestamptz not null default '-infinity',
  -- up to when turns are given away
  promised_to timestamptz not null default '-infinity',
  -- Slack asked everybody to wait until then
  closed_until timestamptz not null default '-infinity'
);

-- Who waits, where, and until when.
create table slack_turns (
  holder text primary key,
  bucket text not null,
  at timestamptz not null
);
create index slack_turns_at on slack_turns (at);

-- Asks to call Slack now. Gives the milliseconds until it may, 0: go. Whoever has to wait holds a turn and asks again
-- then; asking sooner changes nothing. A call passes its buckets in their order: it waits for its turn in the first,
-- and only then counts in the next, so that a long queue in one channel takes nothing from the others. Departures
-- are counted apart from turns, so that those who come late, all at once, leave one by one all the same.
create function slack_turn(caller text, buckets text[], interval_ms int[], bursts int[]) returns int
language plpgsql as $$
declare
  mine slack_turns;
  pace slack_pace;
  name text;
  due boolean;
  span interval;
  free_at timestamptz;
  t timestamptz;
begin
  insert into slack_pace (bucket) select unnest(buckets) on conflict do nothing;
  foreach name in array buckets loop
    perform from slack_pace p where p.bucket = name for update;
  end loop;
  t := clock_timestamp();
  select * into mine from slack_turns w where w.holder = caller;
  for i in 1 .. cardinality(buckets) loop
    select * into pace from slack_pace p where p.bucket = buckets[i];
    -- buckets before the one a turn is held in were passed already
    due := coalesce(array_position(buckets, mine.bucket) >= i, false);
    if due and mine.bucket = buckets[i] and mine.at > t and mine.at >= pace.closed_until then
      return ceil(extract(epoch from mine.at - t) * 1000);
    end if;
    span := interval_ms[i] * interval '1 millisecond';
    free_at := greatest(pace.closed_until, pace.departed_to - (bursts[i] - 1) * span);
    if not due then
      free_at := greatest(free_at, pace.promised_to - (bursts[i] - 1) * span);
    end if;
    if free_at > t then
      free_at := greatest(free_at, pace.promised_to - (bursts[i] - 1) * span);
      update slack_pace p set promised_to = greatest(p.promised_to, free_at) + span where p.bucket = buckets[i];
      insert into slack_turns values (caller, buckets[i], free_at)
        on conflict (holder) do update set bucket = excluded.bucket, at = excluded.at;
      -- of callers that never came back
      delete from slack_turns where holder in (
        select w.holder from slack_turns w where w.at < t - interval '1 hour' limit 100 for update skip locked);
      return greatest(1, ceil(extract(epoch from free_at - t) * 1000));
    end if;
  end loop;
  for i in 1 .. cardinality(buckets) loop
    span := interval_ms[i] * interval '1 millisecond';
    update slack_pace p set departed_to = greatest(p.departed_to, t) + span,
        promised_to = case when mine.bucket = p.bucket then p.promised_to else greatest(p.promised_to, t) + span end
      where p.bucket = buckets[i];
  end loop;
  delete from slack_turns where holder = caller;
  return 0;
end $$;

-- since when Slack refuses it; null: it does not
alter table slack_messages add column refused_at timestamptz;

-- What a thread was told besides the outcome, a row each: one note may tell of several things. Not in `slack_messages`,
-- whose key workers of 0.1 rely on while an upgrade is under way.
create table slack_thread_notes (
  session_id uuid not null references sessions on delete cascade,
  channel text not null,
  -- what it tells of, e.g. the id of a decision
  key text not null,
  ts text not null,
  primary key (session_id, channel, key)
);

-- One more message with buttons each, which Slack kept though its reply was lost.
create table slack_copies (
  channel text not null,
  ts text not null,
  session_id uuid not null references sessions on delete cascade,
  -- as in `slack_messages`
  content_hash text,
  revision int not null default 0,
  primary key (channel, ts)
);
create index slack_copies_session on slack_copies (session_id, channel);

-- How often in a row Slack gave no answer to one activity; nothing that is older than a few minutes counts.
create table slack_failures (
  holder text primary key,
  times int not null,
  at timestamptz not null
);
create index slack_failures_at on slack_failures (at);

alter table slack_direct_messages drop constraint slack_direct_messages_event_check;
alter table slack_direct_messages add constraint slack_direct_messages_event_check
  check (event in ('asked', 'approved', 'rejected', 'expired', 'revoked', 'finished'));
-- the person cannot be written to; nobody tries again
alter table slack_direct_messages add column gave_up_at timestamptz;
