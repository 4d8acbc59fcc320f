-- Counts every change of a connection, also of what reviewers do not approve: who edits one learns that somebody else did.

alter table connections add column revision integer not null default 1;
