-- What lists of sessions are filtered by, however many there are.

create index sessions_by_connection on sessions (connection_name, created_at desc, id desc);
create index sessions_by_state on sessions (state, created_at desc, id desc);
create index sessions_grants on sessions (created_at desc, id desc) where kind = 'connect';
-- those of a person who is no admin: their own, and those that their groups review or may force
create index sessions_reviewed_by on sessions using gin ((policy->'groups'));
create index sessions_forced_by on sessions using gin ((policy->'forceApproveGroups'));
