-- Recordings with their timing, terminals under a grant, and the limits of agents and connections.

alter table session_output drop constraint session_output_stream_check;
-- 1 stdout, 2 stderr, 3 input of a terminal, 4 its size
alter table session_output add constraint session_output_stream check (stream in (1, 2, 3, 4));
-- since the command began, by the clock of its agent; null: not known (0.1 and 0.2)
alter table session_output add column at_ms int check (at_ms >= 0);

-- exec under a grant: it has a terminal
alter table sessions add column terminal boolean not null default false;
-- when the retention of its connection took the recording away
alter table sessions add column recording_removed_at timestamptz;

-- the user that commands run as; null: that of the agent
alter table connections add column run_as text;
-- of standard input
alter table connections add column max_input_bytes bigint not null default 8388608 check (max_input_bytes > 0);
-- at once; 0: no limit
alter table connections add column max_runs int not null default 0 check (max_runs >= 0);
-- of a terminal: seconds without input or output; 0: no limit
alter table connections add column idle_seconds int not null default 0 check (idle_seconds >= 0);
-- how long recordings are kept; 0: for ever
alter table connections add column keep_days int not null default 0 check (keep_days >= 0);

-- commands at once, an instance; 0: no limit
alter table agents add column max_runs int not null default 0 check (max_runs >= 0);
alter table agent_instances add column labels jsonb not null default '{}';
-- it takes no new work
alter table agent_instances add column draining boolean not null default false;
-- of its line, milliseconds
alter table agent_instances add column round_trip_ms real;
