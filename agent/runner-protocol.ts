/**
 * What agent and runner say to each other over the runner's private socket: JSON lines. The runner outlives agents, so
 * the two may be of different releases: `protocol` in both hellos says whether they understand each other.
 */
import { z } from 'zod';
import { terminalSchema, terminalSize } from '#shared/terminal.ts';
import { processMarkSchema } from './process-mark.ts';

/** 2: terminals; the spool tells when what was recorded. */
export const runnerProtocolVersion = 2;
/** A runner of the release before is followed until its commands have ended, and gets no new ones. */
export const oldestRunnerProtocol = 1;

/** Which runner, for good: an id of its own and the mark of its process. */
export const runnerRefSchema = z.object({ id: z.uuid(), process: processMarkSchema });
export type RunnerRef = z.infer<typeof runnerRefSchema>;

/** The file that a runner leaves in the agent's home, so that the next agent finds it. */
export const runnerFileSchema = runnerRefSchema.extend({ protocol: z.number().int(), socket: z.string() });
export type RunnerFile = z.infer<typeof runnerFileSchema>;

const sessionId = z.uuid();

export const commandSchema = z.object({
  argv: z.array(z.string()).min(1),
  env: z.record(z.string(), z.string()),
  cwd: z.string(),
  /** Standard input, base64. */
  stdin: z.string(),
  /** 0 for no limit. */
  maxRuntimeSeconds: z.number().int().nonnegative(),
  maxOutputBytes: z.number().int().positive(),
  /** The command's own limit, which an extension of its grant leaves as it is; absent or 0: none. */
  ownRuntimeSeconds: z.number().int().nonnegative().optional(),
  /** It runs in a terminal; `stdin` is empty then. */
  terminal: terminalSchema.optional(),
  /** Of a terminal: seconds without input or output; absent: no limit. */
  idleSeconds: z.number().int().positive().optional(),
  /** Whom it runs as; absent: the user of the runner. */
  user: z.object({ uid: z.number().int(), gid: z.number().int(), groups: z.array(z.number().int()) }).optional(),
});
export type Command = z.infer<typeof commandSchema>;

export const toRunner = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), protocol: z.number().int() }),
  z.object({ type: z.literal('start'), sessionId, command: commandSchema }),
  z.object({ type: z.literal('signal'), sessionId, signal: z.enum(['SIGINT', 'SIGTERM', 'SIGKILL']) }),
  z.object({ type: z.literal('stop'), sessionId, graceMs: z.number().int().nonnegative() }),
  /** The command may run so long from now on, in place of what limited it before. */
  z.object({ type: z.literal('limit'), sessionId, seconds: z.number().int().positive() }),
  /** As the frames of `agent-protocol.ts`; `data` is base64. */
  terminalSize.extend({ type: z.literal('attach'), sessionId, client: z.uuid() }),
  terminalSize.extend({ type: z.literal('resize'), sessionId }),
  z.object({
    type: z.literal('input'),
    sessionId,
    client: z.uuid(),
    offset: z.number().int().nonnegative(),
    data: z.base64(),
  }),
  z.object({ type: z.literal('forget'), sessionId }),
  /** Stop every command, say how many there were, exit. */
  z.object({ type: z.literal('shutdown'), graceMs: z.number().int().nonnegative() }),
]);
export type ToRunner = z.infer<typeof toRunner>;

export const runStateSchema = z.object({
  sessionId,
  /** The command's process; null while, or because, it did not start. */
  process: processMarkSchema.nullable(),
  /** Bytes of the spool file that hold whole records. */
  spoolBytes: z.number().int().nonnegative(),
  outputBytes: z.number().int().nonnegative(),
  /** The exit record is in the spool. */
  ended: z.boolean(),
});
export type RunState = z.infer<typeof runStateSchema>;

export const fromRunner = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.number().int(),
    runner: runnerRefSchema,
    runs: z.array(runStateSchema),
  }),
  /** Sent at every change; the latest counts. */
  z.object({ type: z.literal('run'), run: runStateSchema }),
  /** A start that was not taken: the session was started before, and this runner holds nothing of it. */
  z.object({ type: z.literal('seen'), sessionId }),
  z.object({ type: z.literal('input_ack'), sessionId, client: z.uuid(), offset: z.number().int().nonnegative() }),
  z.object({ type: z.literal('stopped'), commands: z.number().int().nonnegative() }),
]);
export type FromRunner = z.infer<typeof fromRunner>;
