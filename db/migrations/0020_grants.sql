-- Grants of connect: approved once, they last until a time, and what is opened under them needs no review of its own.

alter table sessions drop constraint session_state;
alter table sessions add constraint session_state check (state in ('pending','approved','queued','running','active','closing',
  'finished','ended','rejected','expired','cancelled','revoked','failed','lost'));
alter table sessions drop constraint end_state_has_time;
alter table sessions add constraint end_state_has_time check ((ended_at is not null)
  = (state in ('finished','ended','rejected','expired','cancelled','revoked','failed','lost')));

-- connect: seconds that were asked for
alter table sessions add column duration_seconds int check (duration_seconds > 0);
-- connect: until when it lasts, once it is active
alter table sessions add column active_until timestamptz;
-- exec: the grant it runs under; connect: the grant it extends
alter table sessions add column grant_id uuid references sessions on delete cascade;
create index sessions_of_grant on sessions (grant_id) where grant_id is not null;
alter table sessions add constraint active_has_end check (state not in ('active', 'closing') or active_until is not null);

-- approve of connect: seconds at most, where the reviewer allows less than was asked for
alter table decisions add column duration_seconds int check (duration_seconds > 0);

-- of a grant
alter table connections add column max_duration_seconds int not null default 172800 check (max_duration_seconds >= 60);
