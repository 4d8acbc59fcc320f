/**
 * What a session's stream says: the text frames of `GET /api/sessions/:id/stream`, and the lines of
 * `hoop exec -o json`. The four events and their named fields stay as they are: scripts read them.
 */
import { z } from 'zod';
import { askedChannel } from './asked-channels.ts';
import { sessionStates, endStates } from './session-states.ts';
import { terminalSize } from './terminal.ts';

export { binarySubprotocol, heartbeatBounds, streamClose } from './stream-protocol.ts';

export const groupStandingSchema = z.object({
  group: z.string(),
  met: z.boolean(),
  /** E-mail addresses of those whose approvals count for the group. */
  approvedBy: z.array(z.string()),
});

export const sessionEvent = z.object({
  event: z.literal('session'),
  id: z.string(),
  /** The session's page in the console. */
  url: z.string(),
  state: z.enum(sessionStates),
});

export const stateEvent = z.object({
  event: z.literal('state'),
  state: z.enum(sessionStates),
  /** ISO time since when. */
  since: z.string(),
  /** ISO time until which the request may still be run; absent once it runs or has ended. */
  expiresAt: z.string().optional(),
  /** ISO time until which a grant lasts; there while it is active or closing. */
  activeUntil: z.string().optional(),
  /** Each group that reviews and how far it is. */
  groups: z.array(groupStandingSchema).optional(),
  approvals: z.number().int().optional(),
  approvalsNeeded: z.number().int().optional(),
  /** The Slack channels in which reviewers are asked; the console shows every request besides. */
  askedIn: z.array(z.string()).optional(),
  /** Whether the request can be read there. */
  asked: z.array(askedChannel).optional(),
  agent: z.object({ name: z.string(), online: z.boolean() }).optional(),
  /** A sentence for the person who waits, e.g. why nobody can approve. */
  message: z.string().optional(),
});

export const outputEvent = z.object({
  event: z.literal('output'),
  stream: z.enum(['stdout', 'stderr']),
  /** Bytes of both streams before this chunk, in order of arrival: what `?offset=` takes up again. */
  offset: z.number().int().nonnegative(),
  data: z.string(),
  encoding: z.enum(['utf8', 'base64']),
});

export const endEvent = z.object({
  event: z.literal('end'),
  state: z.enum(endStates),
  exitCode: z.number().int().optional(),
  /** Why, when the state alone does not say. */
  message: z.string().optional(),
  /** The limit that ended a failed run. */
  cause: z.enum(['run_time', 'output_limit', 'idle']).optional(),
});

/** To a client that types into a terminal: what it sent below `offset` was taken. */
export const inputEvent = z.object({
  event: z.literal('input'),
  client: z.uuid(),
  offset: z.number().int().nonnegative(),
  /**
   * The answer to an `attach` of the client, or to one that the gateway repeated as the line to the terminal is a new one:
   * what the client sent above `offset` did not get there, and is to be sent again from there.
   */
  resend: z.literal(true).optional(),
});

/** To who asked for it (`?heartbeat=`): the line lives, and says so again within that time. */
export const heartbeatEvent = z.object({
  event: z.literal('heartbeat'),
  everySeconds: z.number().positive(),
});

export const streamEvent = z.discriminatedUnion('event', [
  sessionEvent,
  stateEvent,
  outputEvent,
  inputEvent,
  heartbeatEvent,
  endEvent,
]);

export type SessionEvent = z.infer<typeof sessionEvent>;
export type StateEvent = z.infer<typeof stateEvent>;
export type OutputEvent = z.infer<typeof outputEvent>;
export type InputEvent = z.infer<typeof inputEvent>;
export type HeartbeatEvent = z.infer<typeof heartbeatEvent>;
export type EndEvent = z.infer<typeof endEvent>;
export type StreamEvent = z.infer<typeof streamEvent>;

/**
 * What the client of a stream may send as text: an interrupt (SIGINT) for the running command; of a terminal that it
 * means to type into it, and its size. What is typed goes in binary frames (`encodeInput`).
 */
export const streamCommand = z.discriminatedUnion('command', [
  z.object({ command: z.literal('interrupt') }),
  terminalSize.extend({ command: z.literal('attach'), client: z.uuid() }),
  terminalSize.extend({ command: z.literal('resize') }),
]);
export type StreamCommand = z.infer<typeof streamCommand>;
