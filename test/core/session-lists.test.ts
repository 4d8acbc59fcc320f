/** Lists of many sessions: whatever they are narrowed to, few rows are looked at. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database, type Queryable } from '#db/pool.ts';
import { listSessions, type SessionFilter } from '#db/session-lists.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/postgres.ts';
import { makeUser } from '#test/support/rows.ts';

let database: TestDatabase;
let db: Database;
let rare: string;
const many = 20_000;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.url, max: 2 });
  await makeUser(db, 'often@example.com');
  rare = (await makeUser(db, 'rare@example.com')).id;
  // every thousandth is of the rare sort in each respect
  await db.query(
    `insert into sessions (id, kind, state, connection_name, agent_name, requester_id, digest, policy, created_at, expires_at, ended_at)
     select gen_random_uuid(), case when odd then 'connect' else 'exec' end, case when odd then 'lost' else 'finished' end,
       case when odd then 'rare' else 'often' end, 'default', u.id, repeat('a', 64),
       jsonb_build_object('groups', jsonb_build_array(case when odd then 'rare' else 'often' end), 'forceApproveGroups', '[]'::jsonb),
       now() - n * interval '1 minute', now(), now()
     from generate_series(1, ${many}) n cross join lateral (select n % 1000 = 0 as odd) o
     join users u on u.email = case when odd then 'rare@example.com' else 'often@example.com' end`,
  );
  await db.query('analyze');
}, 60_000);
afterAll(async () => {
  await db?.end();
  await database?.drop();
});

interface Plan {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

/** Rows of sessions that were looked at. */
async function lookedAt(filter: Omit<SessionFilter, 'limit'>): Promise<number> {
  let rows = 0;
  const count = (plan: Plan): void => {
    const seen = plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0);
    if (plan['Relation Name'] === 'sessions') rows += seen * plan['Actual Loops'];
    plan.Plans?.forEach(count);
  };
  const explaining = {
    async query(sql: string, values: unknown[]) {
      const { rows: found } = await db.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
        `explain (analyze, format json) ${sql}`,
        values,
      );
      found[0]?.['QUERY PLAN'].forEach(({ Plan: plan }) => count(plan));
      return { rows: [] };
    },
  } as unknown as Queryable;
  await listSessions(explaining, { ...filter, limit: 50 });
  return rows;
}

test.each<[string, () => Omit<SessionFilter, 'limit'>]>([
  ['nothing', () => ({})],
  ['a connection', () => ({ connection: 'rare' })],
  ['a connection that is none', () => ({ connection: 'none' })],
  ['a state', () => ({ states: ['lost'] })],
  ['several states', () => ({ states: ['pending', 'running', 'lost'] })],
  ['a kind', () => ({ kind: 'connect' })],
  ['who asked', () => ({ requesterId: rare })],
  ['a time', () => ({ until: new Date(Date.now() - (many - 100) * 60_000) })],
  ['the beginning of an id', () => ({ idBegins: '12345678' })],
  ['what somebody of no group may see', () => ({ visibleTo: { userId: rare, groups: [] } })],
  ['what a reviewer of few may see', () => ({ visibleTo: { userId: rare, groups: ['rare'] } })],
])('a list by %s', async (_by, filter) => {
  expect(await lookedAt(filter())).toBeLessThan(500);
});
