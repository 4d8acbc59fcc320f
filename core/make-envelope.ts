/** Makes the envelope of a request from its connection as it is: for a new one, and anew when the connection changed. */
import { randomBytes } from 'node:crypto';
import { envNameRefusal } from '#shared/env-names.ts';
import { envelopeSchema, type Envelope } from '#shared/envelope.ts';
import { HoopError } from '#shared/errors.ts';
import { openingText, readTimeWindow, windowAt } from '#shared/time-window.ts';
import type { ConnectionRow } from '#db/connections.ts';
import { readPolicy } from './review-facts.ts';

/** What the person asked for, apart from the connection. */
export interface Request extends Pick<
  Envelope,
  'sessionId' | 'kind' | 'envelopeVersion' | 'script' | 'args' | 'env' | 'requester' | 'reason'
> {
  /** Of the run; 0 where none was asked for. */
  timeoutSeconds: number;
  expiresAt: Date;
  now: Date;
}

/**
 * Throws `invalid_input` when the connection does not allow the kind, `reason_required`, `env_refused`,
 * `policy_missing`, and `window_closed` when the connection's window does not open before the request expires.
 */
export function makeEnvelope(connection: ConnectionRow, request: Request): Envelope {
  const { timeoutSeconds: asked, expiresAt, now, ...fields } = request;
  if (!connection.accessModes.includes(fields.kind)) {
    throw new HoopError('invalid_input', `${connection.name} does not allow ${fields.kind}.`);
  }
  if (connection.requireReason && fields.reason === '') {
    throw new HoopError('reason_required', `${connection.name} asks for a reason; add --reason '...'.`);
  }
  for (const name of Object.keys(fields.env)) {
    const refusal = envNameRefusal(name, connection.allowEnv);
    if (refusal) throw new HoopError('env_refused', `${refusal}.`);
  }
  const policy = readPolicy(connection.policy, connection.name);
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
    expiresAt: expiresAt.toISOString(),
    salt: randomBytes(16).toString('base64'),
  } satisfies Envelope);
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
