-- What limits and retention look for.

create index sessions_running on sessions (connection_id) where state = 'running';
-- recordings that a connection may keep only so long
create index sessions_recorded on sessions (connection_id, ended_at)
  where ended_at is not null and output_bytes > 0 and recording_removed_at is null;
-- the rows of a removed recording go after it, a few at a time
alter table sessions add column recording_rows_left boolean not null default false;
create index sessions_recording_rows_left on sessions (recording_removed_at) where recording_rows_left;
