/** Makes the envelope of a request from its connection as it is: for a new one, and anew when the connection changed. */
import { randomBytes } from 'node:crypto';
import { formatDuration } from '#shared/duration-text.ts';
import { envNameRefusal } from '#shared/env-names.ts';
import { envelopeSchema, type Envelope } from '#shared/envelope.ts';
import { HoopError } from '#shared/errors.ts';
import { openingText, readTimeWindow, windowAt } from '#shared/time-window.ts';
import type { ConnectionRow } from '#db/connections.ts';
import { readPolicy } from './review-facts.ts';

/** What the person asked for, apart from the connection. */
export interface Request extends Pick<
  Envelope,
  | 'sessionId'
  | 'kind'
  | 'envelopeVersion'
  | 'script'
  | 'args'
  | 'env'
  | 'requester'
  | 'reason'
  | 'durationSeconds'
  | 'grant'
  | 'terminal'
> {
  /** Of the run; 0 where none was asked for. */
  timeoutSeconds: number;
  expiresAt: Date;
  now: Date;
}

/**
 * Throws `invalid_input` when the connection does not allow the kind, `reason_required`, `too_large`, `env_refused`,
 * `policy_missing`, and `window_closed` when the connection's window does not open before the request expires.
 */
export function makeEnvelope(connection: ConnectionRow, request: Request): Envelope {
  const { timeoutSeconds: asked, expiresAt, now, ...fields } = request;
  // what runs under a grant is what the grant is for
  const mode = fields.grant ? 'connect' : fields.kind;
  if (!connection.accessModes.includes(mode)) {
    throw new HoopError('invalid_input', `${connection.name} does not allow ${mode}.`);
  }
  refuseLongGrant(connection, fields.durationSeconds);
  const needsNoReview = fields.kind === 'exec' && fields.grant !== undefined;
  if (connection.requireReason && !needsNoReview && fields.reason === '') {
    throw new HoopError('reason_required', `${connection.name} asks for a reason; add --reason '...'.`);
  }
  refuseLongInput(connection, fields.script);
  for (const name of Object.keys(fields.env)) {
    const refusal = envNameRefusal(name, connection.allowEnv);
    if (refusal) throw new HoopError('env_refused', `${refusal}.`);
  }
  const stored = readPolicy(connection.policy, connection.name);
  const policy = needsNoReview ? { ...nobodyAsked, window: stored.window } : stored;
  refuseClosedWindow(connection.name, policy.window, now, expiresAt);
  const limit = connection.maxRuntimeSeconds;
  return envelopeSchema.parse({
    version: 1,
    ...fields,
    connection: {
      name: connection.name,
      version: connection.version,
      command: connection.command,
      envNames: connection.envNames,
    },
    agent: connection.agentName,
    policy,
    maxRuntimeSeconds: asked > 0 && limit > 0 ? Math.min(asked, limit) : asked || limit,
    maxOutputBytes: connection.maxOutputBytes,
    ...(connection.runAs !== null && { runAs: connection.runAs }),
    ...(fields.terminal && connection.idleSeconds > 0 && { idleSeconds: connection.idleSeconds }),
    expiresAt: expiresAt.toISOString(),
    salt: randomBytes(16).toString('base64'),
  } satisfies Envelope);
}

/** The grant was reviewed; its window holds for what runs under it. */
const nobodyAsked = { groups: [], minApprovals: 0, distinctReviewers: false, forceApproveGroups: [] };

function refuseLongGrant({ name, maxDurationSeconds }: ConnectionRow, asked = 0): void {
  if (asked <= maxDurationSeconds) return;
  const [most, wanted] = [formatDuration(maxDurationSeconds), formatDuration(asked)];
  throw new HoopError('invalid_input', `duration: ${name} allows ${most} at most, not ${wanted}.`);
}

function refuseLongInput({ name, maxInputBytes }: ConnectionRow, script: string): void {
  const bytes = Buffer.byteLength(script, 'base64');
  if (bytes <= maxInputBytes) return;
  throw new HoopError(
    'too_large',
    `The standard input has ${bytes} bytes; ${name} takes ${maxInputBytes} at most (--max-input of the connection).`,
  );
}

function refuseClosedWindow(connection: string, text: string | undefined, now: Date, expiresAt: Date): void {
  if (text === undefined) return;
  const state = windowAt(readTimeWindow(text), now);
  if (state.open || state.opensAt < expiresAt) return;
  const opens = openingText(state.opensAt, state.zone, now);
  throw new HoopError(
    'window_closed',
    `${connection} runs commands only within ${text}, which opens at ${opens}, after this request expires; ask closer to that time.`,
  );
}
