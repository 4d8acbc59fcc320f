/** Fills an installation: requests that wait are real, what is over is copied from one of them. */
import { randomUUID } from 'node:crypto';
import { signIn } from '../lib/api.ts';
import type { BenchHoop } from '../lib/hoop.ts';
import { signInAdmin, times } from '../lib/stage.ts';
import type { ConsoleBenchOptions } from './options.ts';

const group = 'bench';
const password = 'bench-reviewer-password';
/** What sessions of the past are, one after the other. */
const ends = ['finished', 'finished', 'failed', 'rejected', 'expired', 'cancelled'];

export async function fill(hoop: BenchHoop, options: ConsoleBenchOptions): Promise<void> {
  const { db } = hoop;
  const admin = await signInAdmin(hoop);
  await admin.saveUser({ email: 'admin@localhost', groups: ['admin', group], overwrite: true });
  await admin.saveUser({ email: 'requester@bench.example', password, groups: [] });
  await times(options.connections, 8, (turn) =>
    admin.saveConnection({ name: `bench-${turn}`, agent: 'default', command: ['cat'], reviewers: [group] }),
  );
  const requester = await signIn(hoop.run.apiUrl, { email: 'requester@bench.example', password }, 8);
  const ids = Array.from({ length: options.pending }, () => randomUUID());
  await times(ids.length, 8, (turn) =>
    requester.createSession(ids[turn] ?? '', `bench-${turn % options.connections}`, `echo request ${turn}\n`),
  );
  await db.query(
    `with made as (
       insert into users (email, name)
       select 'person-' || n || '@bench.example', 'Person ' || n from generate_series(1, $1::int) n returning id)
     insert into user_groups (user_id, group_name) select id, $2 from made where random() < 0.2`,
    [options.users, group],
  );
  await copySessions(hoop, ids[0] ?? '', options.sessions - options.pending);
  await db.query('vacuum analyze');
}

/** Of the last year, a few minutes apart, each by somebody else. */
async function copySessions({ db }: BenchHoop, model: string, count: number): Promise<void> {
  await db.query(
    `with people as (select array_agg(id) as ids from users), connections as (select array_agg(id order by name) as ids,
       array_agg(name order by name) as names from connections where name like 'bench-%'),
     made as (
       insert into sessions (id, kind, state, state_since, connection_id, connection_name, agent_name, requester_id, reason,
         digest, policy, created_at, expires_at, workflow_started_at, started_at, ended_at, exit_code, connection_version)
       select gen_random_uuid(), s.kind, ($3::text[])[1 + n % cardinality($3::text[])], at, c.ids[1 + n % cardinality(c.ids)],
         c.names[1 + n % cardinality(c.ids)], s.agent_name, p.ids[1 + n % cardinality(p.ids)], 'reason ' || n, s.digest,
         s.policy, at, at + interval '1 day', at, at, at + interval '1 minute', 0, s.connection_version
       from sessions s, people p, connections c,
         (select n, now() - n * interval '365 days' / ($2::int + 1) as at from generate_series(1, $2::int) n) past
       where s.id = $1 returning id)
     insert into session_envelopes (session_id, version, digest, body)
     select made.id, 1, e.digest, e.body from made, session_envelopes e where e.session_id = $1`,
    [model, count, ends],
  );
}
