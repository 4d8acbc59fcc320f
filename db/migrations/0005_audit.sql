-- The audit log: append-only, each row's hash covers the one before it.

create table audit_log (
  -- without gaps: a missing row breaks the chain visibly
  id bigint primary key,
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  subject text not null,
  details jsonb not null default '{}',
  previous_hash text not null,
  hash text not null
);

create function audit_hash(previous text, at timestamptz, actor text, action text, subject text, details jsonb)
returns text language sql immutable as $$
  select encode(sha256(convert_to(
    jsonb_build_array(previous, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor, action, subject, details)::text, 'UTF8')), 'hex')
$$;

create function chain_audit_row() returns trigger language plpgsql as $$
declare
  last record;
begin
  -- one writer at a time until it commits: the chain has one order
  perform pg_advisory_xact_lock(hashtext('hoop.audit_log'));
  select id, hash into last from audit_log order by id desc limit 1;
  new.id := coalesce(last.id, 0) + 1;
  new.previous_hash := coalesce(last.hash, '');
  new.at := clock_timestamp();
  new.hash := audit_hash(new.previous_hash, new.at, new.actor, new.action, new.subject, new.details);
  return new;
end $$;
create trigger chain_audit_row before insert on audit_log for each row execute function chain_audit_row();

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only';
end $$;
create trigger audit_append_only before update or delete on audit_log for each row execute function refuse_audit_change();
create trigger audit_no_truncate before truncate on audit_log for each statement execute function refuse_audit_change();
