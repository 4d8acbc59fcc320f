-- Failed sign-ins, counted where all replicas see them; and agents that can be deleted after they ran something.

create table sign_in_attempts (
  -- SHA-256 of what is counted: an account from an address, or an address
  key text primary key,
  attempts int not null default 1,
  since timestamptz not null default now()
);
create index sign_in_attempts_since on sign_in_attempts (since);

-- A run keeps the id of the instance that ran it, as a fact about the past; deleting an agent is refused while it has open sessions.
alter table runs drop constraint runs_agent_instance_id_fkey;
