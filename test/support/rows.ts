/** Rows for tests that need people, an agent and a connection before the thing they are about. */
import { randomUUID } from 'node:crypto';
import type { ReviewPolicy } from '#shared/review-policy.ts';
import { insertAgent, findAgent } from '#db/agents.ts';
import { insertConnection } from '#db/connections.ts';
import type { Database } from '#db/pool.ts';
import { bindSlackId, findUserByEmail, insertUser, setUserGroups, updateUser, type UserRow } from '#db/users.ts';
import { hashToken } from '#core/passwords.ts';

export async function makeUser(
  db: Database,
  email: string,
  groups: string[] = [],
  { name, slackId, passwordHash }: { name?: string; slackId?: string; passwordHash?: string } = {},
): Promise<UserRow> {
  const id = await insertUser(db, email, name ?? email.replace(/@.*/, ''));
  if (id === undefined) throw new Error(`${email} exists`);
  await setUserGroups(db, id, groups);
  if (slackId !== undefined) await bindSlackId(db, id, slackId, null);
  if (passwordHash !== undefined) await updateUser(db, id, { passwordHash });
  const user = await findUserByEmail(db, email);
  if (!user) throw new Error(`${email} is gone`);
  return user;
}

export async function makeAgent(db: Database, name = 'default'): Promise<{ id: string; token: string }> {
  const token = `token-of-${name}-${randomUUID()}`;
  await insertAgent(db, name, hashToken(token));
  const agent = await findAgent(db, name);
  if (!agent) throw new Error(`${name} is gone`);
  return { id: agent.id, token };
}

export interface MadeConnection {
  name?: string;
  command?: string[];
  policy?: Partial<ReviewPolicy>;
  expireSeconds?: number;
  runAs?: string;
  maxInputBytes?: number;
  maxRuns?: number;
  keepDays?: number;
}

export async function makeConnection(db: Database, agentId: string, made: MadeConnection = {}): Promise<string> {
  const id = randomUUID();
  await insertConnection(db, id, {
    name: made.name ?? 'bash',
    agentId,
    command: made.command ?? ['bash'],
    policy: { groups: [], minApprovals: 0, distinctReviewers: false, forceApproveGroups: [], ...made.policy },
    requireReason: false,
    envSealed: null,
    envNames: [],
    allowEnv: [],
    tags: {},
    accessModes: ['exec', 'connect'],
    expireSeconds: made.expireSeconds ?? 3600,
    maxRuntimeSeconds: 0,
    maxOutputBytes: 1024 ** 3,
    maxDurationSeconds: 48 * 3600,
    runAs: made.runAs ?? null,
    maxInputBytes: made.maxInputBytes ?? 8 * 1024 ** 2,
    maxRuns: made.maxRuns ?? 0,
    idleSeconds: 0,
    keepDays: made.keepDays ?? 0,
  });
  return id;
}
