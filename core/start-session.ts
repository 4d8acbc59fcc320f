/** `hoop exec` arrives here: one transaction writes the session and its envelope, then the workflow starts. */
import { randomUUID } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError, type WorkflowStartOptions } from '@temporalio/client';
import type { CreateSessionInput } from '#shared/api-schemas.ts';
import { grantLimits, limits } from '#shared/api-schemas.ts';
import { canonicalJson, envelopeSchema, type Envelope } from '#shared/envelope.ts';
import { sha256Hex } from '#shared/digest.ts';
import { HoopError } from '#shared/errors.ts';
import { fullText } from '#shared/limit-text.ts';
import { needsReview } from '#shared/review-policy.ts';
import type { SessionState } from '#shared/session-states.ts';
import { workflowId } from '#shared/task-queues.ts';
import { workflowType, type SessionRef } from '#workflows/messages.ts';
import { audit } from '#db/audit.ts';
import { findConnection, type ConnectionRow } from '#db/connections.ts';
import { notify } from '#db/notices.ts';
import { inTransaction } from '#db/pool.ts';
import { countRunsOfConnection } from '#db/run-limits.ts';
import { findEnvelope, findSession, insertSession, markWorkflowStarted, type SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { actorName, requireUser, type Context, type Core } from './context.ts';
import { findGrant, grantRef, type ActiveGrant } from './active-grant.ts';
import { makeEnvelope } from './make-envelope.ts';
import { isInvalidToTemporal } from './failures.ts';
import { attributesOf, loadAttributes, type SessionAttributes } from './session-attributes.ts';

/**
 * A worker that is killed takes the tasks along that reach it in that moment, and nobody else gets them for so long;
 * 10 s by default. A task that lasts reports before, e.g. while Postgres is away.
 */
const workflowTaskTimeout = '5s';

export interface StartedSession {
  session: SessionRow;
  /** False: the client's retry found the first. */
  created: boolean;
}

/**
 * Throws `connection_unknown`, `too_large`, what `makeEnvelope` throws, and `session_id_taken` when the id was used for
 * something else.
 */
export async function startSession(ctx: Context, input: CreateSessionInput): Promise<StartedSession> {
  const { core } = ctx;
  const { user, via } = requireUser(ctx);
  const id = input.id?.toLowerCase() ?? randomUUID();
  const connection = await findConnection(core.db, input.connection);
  if (!connection) throw new HoopError('connection_unknown', `There is no connection named ${input.connection}.`);
  refuseMixedKinds(input);
  const known = await findSession(core.db, id); // a retry: the grant that it names may be over by now
  const grant =
    input.grant === undefined || known ? undefined : await findGrant(core, user.id, input.grant, connection);
  const named = known ? await namedGrant(core, known) : grant && grantRef(grant.session);
  const envelope = seal(connection, user, id, input, core.now(), named, grant);
  if (envelope.terminal && !known) await refuseFullTerminal(core, connection);
  const body = canonicalJson(envelope);
  const state: SessionState = needsReview(envelope.policy)
    ? 'pending'
    : input.kind === 'connect'
      ? 'approved'
      : 'queued';
  const created = await inTransaction(core.db, async (tx) => {
    const inserted = await insertSession(tx, {
      id,
      kind: input.kind,
      state,
      connectionId: connection.id,
      connectionVersion: connection.version,
      connectionName: connection.name,
      agentName: connection.agentName,
      requesterId: user.id,
      reason: envelope.reason,
      correlationId: input.correlationId ?? null,
      digest: sha256Hex(body),
      envelope: body,
      policy: envelope.policy,
      channelIds: needsReview(envelope.policy) ? connection.plugins.flatMap((p) => p.channelIds) : [],
      askedIn: needsReview(envelope.policy) ? connection.plugins.flatMap((p) => p.channels) : [],
      expiresAt: new Date(envelope.expiresAt),
      runTimeoutAsked: input.timeout !== undefined,
      durationSeconds: envelope.durationSeconds ?? null,
      grantId: envelope.grant?.sessionId ?? null,
      terminal: envelope.terminal !== undefined,
    });
    if (inserted) {
      await audit(tx, {
        actor: actorName(ctx.actor),
        action: 'session.create',
        subject: `session:${id}`,
        details: {
          ...{ connection: connection.name, kind: input.kind, digest: sha256Hex(body), via },
          ...(envelope.grant && { grant: envelope.grant.sessionId }),
        },
      });
      // lists show it from its first moment on
      await notify(tx, { kind: 'state', id });
    }
    return inserted;
  });
  if (!created) return { session: await sameSession(core, id, user, envelope), created: false };
  const asked = { connectionName: connection.name, requesterEmail: user.email, state };
  const attributes = attributesOf(asked, state === 'pending' ? envelope.policy.groups : []);
  const started = startWorkflow(core, id, 'first', attributes).catch((error: Error) => {
    // written and not started: the sweep starts it
    core.log.warn({ sessionId: id, err: error }, 'workflow not started yet');
  });
  const [session] = await Promise.all([findSession(core.db, id), started]);
  if (!session) throw new Error(`session ${id} vanished`);
  return { session, created: true };
}

/**
 * Starts the workflow of a session that is written; started already is as good. `again`: also when an earlier one is
 * over, because somebody ended it by hand; `instead`: also while another workflow holds its id. `attributes`: where they
 * are known without a look at the rows.
 */
export async function startWorkflow(
  core: Core,
  sessionId: string,
  how: 'first' | 'again' | 'instead' = 'first',
  attributes?: SessionAttributes,
): Promise<void> {
  const ref: SessionRef = { sessionId, queuePrefix: core.queuePrefix };
  const options = {
    workflowId: workflowId(sessionId),
    taskQueue: core.queues.control,
    args: [ref],
    workflowTaskTimeout,
    workflowIdReusePolicy: how === 'first' ? 'REJECT_DUPLICATE' : 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: how === 'instead' ? 'TERMINATE_EXISTING' : 'FAIL',
  } satisfies WorkflowStartOptions;
  const start = (typedSearchAttributes: SessionAttributes) =>
    core.temporal.workflow.start(workflowType, { ...options, typedSearchAttributes });
  try {
    await start(attributes ?? (await loadAttributes(core.db, sessionId))).catch((error: unknown) => {
      // no worker has registered them yet: the workflow, which needs one, sets them itself
      if (!isInvalidToTemporal(error)) throw error;
      return start([]);
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  // nobody waits for this: should it fail, the sweep finds the workflow started already
  markWorkflowStarted(core.db, sessionId).catch((error: Error) => {
    core.log.warn({ sessionId, err: error }, 'the start of a workflow was not noted');
  });
}

/** Refused rather than passed over: who names it would take it for a limit, or for what runs. */
function refuseMixedKinds({ kind, script, args, env, timeout, duration, grant, terminal }: CreateSessionInput): void {
  const refuse = (field: string, why: string): never => {
    throw new HoopError('invalid_input', `${field}: ${why}`);
  };
  if (kind === 'exec' && duration !== undefined) refuse('duration', 'is of connect; exec has timeout.');
  if (kind === 'exec' && grant !== undefined && Object.keys(env).length > 0)
    refuse('env', 'is that of the grant; a grant is asked for with its own.');
  if (terminal && (kind !== 'exec' || grant === undefined)) refuse('terminal', 'is opened under a grant of connect.');
  if (terminal && script !== undefined) refuse('script', 'is typed into the terminal.');
  if (kind === 'exec') return;
  if (script !== undefined) refuse('script', 'is of exec; connect asks for a grant, under which commands are run.');
  if (args.length > 0) refuse('args', 'are of exec; connect asks for a grant, under which commands are run.');
  if (timeout !== undefined) refuse('timeout', 'is of exec; connect has duration.');
}

/** Who opens a terminal sits before it: rather than wait there, they are told. */
async function refuseFullTerminal({ db }: Core, { id, name, maxRuns }: ConnectionRow): Promise<void> {
  if (maxRuns === 0 || (await countRunsOfConnection(db, id)) < maxRuns) return;
  throw new HoopError('connection_full', `${fullText(name, maxRuns)}, and no more may at once; try again later.`);
}

async function namedGrant(core: Core, session: SessionRow): Promise<Envelope['grant']> {
  const body = await findEnvelope(core.db, session.id, 1);
  return body === undefined ? undefined : envelopeSchema.parse(JSON.parse(body)).grant;
}

function seal(
  connection: ConnectionRow,
  user: UserRow,
  id: string,
  input: CreateSessionInput,
  now: Date,
  named: Envelope['grant'],
  grant: ActiveGrant | undefined,
): Envelope {
  for (const [what, text] of [...input.args.map((arg) => ['argument', arg]), ...Object.entries(input.env)] as [
    string,
    string,
  ][]) {
    if (text.includes('\0'))
      throw new HoopError('invalid_input', `The value of ${what} holds a NUL byte, which no command can be given.`);
  }
  const script = Buffer.from(input.script ?? '', input.scriptEncoding);
  if (script.length > limits.scriptBytes) {
    throw new HoopError('too_large', `The script has ${script.length} bytes; ${limits.scriptBytes} are the most.`);
  }
  return makeEnvelope(connection, {
    sessionId: id,
    kind: input.kind,
    envelopeVersion: 1,
    script: script.toString('base64'),
    args: input.args,
    env: grant && input.kind === 'exec' ? grant.envelope.env : input.env,
    requester: { id: user.id, email: user.email },
    reason: input.reason?.trim() ?? '',
    timeoutSeconds: input.timeout ?? 0,
    expiresAt: new Date(Math.min(now.getTime() + connection.expireSeconds * 1000, grant?.until.getTime() ?? Infinity)),
    now,
    ...(input.kind === 'connect' && { durationSeconds: input.duration ?? defaultDuration(connection) }),
    ...(named && { grant: named }),
    ...(input.terminal && { terminal: input.terminal }),
  });
}

const defaultDuration = ({ maxDurationSeconds }: ConnectionRow): number =>
  Math.min(grantLimits.defaultSeconds, maxDurationSeconds);

/** The session a retry finds, provided that it is the same request by the same person. */
async function sameSession(core: Core, id: string, user: UserRow, wanted: Envelope): Promise<SessionRow> {
  const session = await findSession(core.db, id);
  const body = session && (await findEnvelope(core.db, id, 1));
  const known = body === undefined ? undefined : envelopeSchema.parse(JSON.parse(body));
  const asked = (e: Envelope) => {
    // what runs under a grant has the grant's
    const env = e.kind === 'exec' && e.grant ? {} : e.env;
    const what = [e.kind, e.connection.name, e.script, e.args, env, e.reason, e.durationSeconds ?? 0];
    return canonicalJson([...what, e.grant?.sessionId ?? '', e.terminal !== undefined]);
  };
  if (!session || !known || session.requesterId !== user.id || asked(known) !== asked(wanted)) {
    throw new HoopError('session_id_taken', 'This session id was used for another request; choose a new one.');
  }
  return session;
}
