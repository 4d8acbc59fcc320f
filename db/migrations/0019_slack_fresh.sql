-- What changed just now (a request, a decision) does not wait behind a thousand messages that are late anyway.

alter table slack_turns add column fresh boolean not null default false;

drop function slack_turn(text, text[], int[], int[]);

-- As in 0009, with a second kind of caller: one that is fresh gets the next departure that is free, whoever waits. Its
-- departure is counted when the turn is given, in its bucket and those passed before, so that whoever comes meanwhile
-- finds it taken. A turn that was given stays of its kind.
create function slack_turn(caller text, buckets text[], interval_ms int[], bursts int[], is_fresh boolean) returns int
language plpgsql as $$
declare
  mine slack_turns;
  pace slack_pace;
  name text;
  own int;
  due boolean;
  on_time boolean := false;
  paid text[] := '{}';
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
  if is_fresh and not mine.fresh then
    mine := null;
  end if;
  is_fresh := is_fresh or coalesce(mine.fresh, false);
  own := array_position(buckets, mine.bucket);
  -- those who come late, all at once, leave one by one all the same
  if mine.fresh and own is not null then
    select mine.at > t - greatest(bursts[own] - 1, 1) * interval_ms[own] * interval '1 millisecond' and mine.at >= p.closed_until
      into on_time from slack_pace p where p.bucket = mine.bucket;
  end if;
  for i in 1 .. cardinality(buckets) loop
    select * into pace from slack_pace p where p.bucket = buckets[i];
    -- buckets before the one a turn is held in were passed already
    due := coalesce(own >= i, false);
    if due and mine.bucket = buckets[i] and mine.at > t and mine.at >= pace.closed_until then
      return ceil(extract(epoch from mine.at - t) * 1000);
    end if;
    span := interval_ms[i] * interval '1 millisecond';
    if on_time and due and pace.closed_until <= t then
      paid := paid || buckets[i];
      continue;
    end if;
    free_at := greatest(pace.closed_until, pace.departed_to - (bursts[i] - 1) * span);
    if not due and not is_fresh then
      free_at := greatest(free_at, pace.promised_to - (bursts[i] - 1) * span);
    end if;
    if free_at > t then
      if is_fresh then
        update slack_pace p
          set departed_to = greatest(p.departed_to, t) + interval_ms[array_position(buckets, p.bucket)] * interval '1 millisecond'
          where p.bucket = any(buckets[1:i]) and p.bucket <> all(paid);
      else
        free_at := greatest(free_at, pace.promised_to - (bursts[i] - 1) * span);
        update slack_pace p set promised_to = greatest(p.promised_to, free_at) + span where p.bucket = buckets[i];
      end if;
      insert into slack_turns values (caller, buckets[i], free_at, is_fresh)
        on conflict (holder) do update set bucket = excluded.bucket, at = excluded.at, fresh = excluded.fresh;
      -- of callers that never came back
      delete from slack_turns where holder in (
        select w.holder from slack_turns w where w.at < t - interval '1 hour' limit 100 for update skip locked);
      return greatest(1, ceil(extract(epoch from free_at - t) * 1000));
    end if;
  end loop;
  for i in 1 .. cardinality(buckets) loop
    continue when buckets[i] = any(paid);
    span := interval_ms[i] * interval '1 millisecond';
    update slack_pace p set departed_to = greatest(p.departed_to, t) + span,
        promised_to = case when is_fresh or mine.bucket = p.bucket then p.promised_to
          else greatest(p.promised_to, t) + span end
      where p.bucket = buckets[i];
  end loop;
  delete from slack_turns where holder = caller;
  return 0;
end $$;
