/** What every verb of hoop is handed: who acts, and the parts to act on. */
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { HoopError } from '#shared/errors.ts';
import type { TaskQueues } from '#shared/task-queues.ts';
import type { DecisionVia } from '#db/decisions.ts';
import type { Database } from '#db/pool.ts';
import type { TokenKind } from '#db/tokens.ts';
import type { ClosedBy, UserRow } from '#db/users.ts';
import type { Sealer } from './sealer.ts';
import type { SlackVerifier } from './slack-verifier.ts';

export interface Core {
  db: Database;
  temporal: Client;
  queues: TaskQueues;
  /** As given to `taskQueues`; workflows get it with their start. */
  queuePrefix: string;
  /** Of the console and API, without a slash at the end. */
  publicUrl: string;
  /** Of Temporal's server, for people to read; null: by its own configuration. */
  temporalAddress: string | null;
  /** Of Temporal's UI with its namespace, or null. */
  temporalUiUrl: string | null;
  sealer: Sealer;
  slack: SlackVerifier;
  log: Logger;
  now: () => Date;
}

/** Who acts. People act through something; `system` is hoop itself, e.g. the sweep. */
export type Actor =
  | {
      kind: 'user';
      user: UserRow;
      via: DecisionVia;
      /** What they came with; left out where it is no token, as in Slack. */
      token?: { kind: TokenKind; hash: string };
    }
  | { kind: 'system'; name: string };

export interface Context {
  core: Core;
  actor: Actor;
}

export const adminGroup = 'admin';

export function isAdmin(user: UserRow): boolean {
  return user.active && user.groups.includes(adminGroup);
}

/** Who closes an account, as its row keeps it; undefined: hoop itself. */
export function closedBy(actor: Actor): ClosedBy {
  return actor.kind === 'user' ? { userId: actor.user.id, via: actor.via } : undefined;
}

/** As the audit log names the actor. */
export function actorName(actor: Actor): string {
  return actor.kind === 'user' ? `user:${actor.user.email}` : `system:${actor.name}`;
}

export function requireUser(ctx: Context): { user: UserRow; via: DecisionVia } {
  if (ctx.actor.kind !== 'user') throw new HoopError('not_allowed', 'Only a person may do this.');
  return { user: ctx.actor.user, via: ctx.actor.via };
}

/**
 * A token that fell into wrong hands must not be able to make itself last: what gives a person another way to act asks
 * for a sign-in.
 */
export function requireSignIn(ctx: Context): void {
  if (ctx.actor.kind === 'user' && ctx.actor.token?.kind === 'api') {
    throw new HoopError(
      'not_allowed',
      `An API token cannot make tokens, set passwords or Slack accounts, bring users back, or put anybody into ${adminGroup}; sign in with: hoop login`,
    );
  }
}

export function requireAdmin(ctx: Context): void {
  if (ctx.actor.kind === 'system') return;
  if (!isAdmin(ctx.actor.user)) {
    throw new HoopError('not_allowed', `Only members of the group ${adminGroup} may do this; ask one of them.`);
  }
}
