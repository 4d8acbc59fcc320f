-- The groups that a person represented when they decided; null: a release before, or no group (withdrawals, forced ones).
alter table decisions add column groups text[];
