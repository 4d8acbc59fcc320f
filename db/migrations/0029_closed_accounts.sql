-- Who closed an account: their name stands at the end of what its owner had asked for, also when another process ends it.

-- null: active, closed by hoop itself as it left the sandbox out, or closed before this was kept
alter table users add column deactivated_by uuid references users on delete set null;
-- what the admin acted through, as in `decisions.via`
alter table users add column deactivated_via text check (deactivated_via in ('slack', 'console', 'cli', 'api'));

-- the sweep asks for open sessions of closed accounts, again and again
create index users_deactivated_by on users (deactivated_by) where deactivated_by is not null;
create index sessions_open_requester on sessions (requester_id) where ended_at is null;
