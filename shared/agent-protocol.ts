/**
 * The protocol between an agent and the gateway, over one WebSocket that the agent opens to
 * `<HOOP_GATEWAY_URL>/api/agent/connect`. Text frames are the JSON below; output travels in binary frames
 * (`encodeSessionOutput`).
 *
 *   gateway: challenge            agent: hello (proves its key, or enrols it with a token)
 *   gateway: welcome | refused    agent: journal (what it still holds)
 *   gateway: order                agent: accepted (journal synced), started, output..., exited
 *   gateway: ack, signal, stop, extend   agent: (goes on from the acknowledged offset)
 *   gateway: attach, resize, input...    agent: input_ack (of a terminal; input in binary frames, `encodeSessionInput`)
 *                                 agent: draining (it takes no new orders)
 *   gateway: forget               once the end is in Postgres; the agent may drop spool and journal entry
 */
import { z } from 'zod';
import { terminalSize } from './terminal.ts';

export const agentProtocolVersion = 1;
/** `run_as`: it runs commands as the user that the envelope names. */
export const agentFeatures = ['run_as'] as const;
export type AgentFeature = (typeof agentFeatures)[number];
export const agentConnectPath = '/api/agent/connect';

/** Bytes an agent may have sent and not yet seen acknowledged, a session. */
export const outputWindowBytes = 4 * 1024 * 1024;
/** Largest data of one output frame. */
export const outputFrameBytes = 256 * 1024;
/** Largest frame that an agent accepts: an order with its script. */
export const maxFrameBytes = 16 * 1024 * 1024;
/** Largest frame that a gateway accepts of whoever dials in: output, or the journal of an agent with thousands of runs. */
export const agentFrameBytes = 2 * 1024 * 1024;

const base64 = z.base64();

/** What the agent signs in `hello` with its Ed25519 key. */
export function helloBytes(nonce: string, journalId: string): Buffer {
  return Buffer.from(`hoop-agent-v1\n${nonce}\n${journalId}`);
}

/** What the gateway signs in `order` with its Ed25519 key: the exact text that the frame carries. */
export function orderBytes(order: string): Buffer {
  return Buffer.from(`hoop-order-v1\n${order}`);
}

/** The order to run one session, as canonical JSON text inside the `order` frame. */
export const orderSchema = z.object({
  sessionId: z.uuid(),
  agent: z.string(),
  instanceId: z.uuid(),
  /** The one journal that may accept it. */
  journalId: z.uuid(),
  /** Fixed when the run was consumed; the same order may be sent again, another nonce never. */
  nonce: z.string().min(16).max(128),
  /** ISO time after which an agent that has not accepted it must refuse. */
  acceptBefore: z.string(),
  /** SHA-256 (hex) of `envelope`; the agent computes it again. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Canonical JSON of the envelope (`envelope.ts`): argv, standard input, `-e`, limits. */
  envelope: z.string(),
  /** The connection's own environment, unsealed. */
  connectionEnv: z.record(z.string(), z.string()),
  /** Of a command under a grant: how long it may run from when the agent takes the order, seconds. */
  runSeconds: z.number().int().positive().optional(),
  /** ISO time of that end by the gateway's clock; a later one replaces an earlier one. */
  grantUntil: z.string().optional(),
});
export type Order = z.infer<typeof orderSchema>;

/** The grant of a command that runs lasts longer: canonical JSON text inside the `extend` frame. */
export const extensionSchema = z.object({
  sessionId: z.uuid(),
  nonce: z.string().min(16).max(128),
  runSeconds: z.number().int().positive(),
  grantUntil: z.string(),
});
export type Extension = z.infer<typeof extensionSchema>;

/** What the gateway signs in `extend`. */
export function extensionBytes(extension: string): Buffer {
  return Buffer.from(`hoop-extension-v1\n${extension}`);
}

const journalPhases = ['accepted', 'running', 'exited', 'lost'] as const;

/** Why a run ended. `start_failed` and `lost` carry a message. */
export const exitReasons = [
  'exit',
  'not_found',
  'start_failed',
  'run_time',
  'output_limit',
  /** A terminal without input or output for too long. */
  'idle',
  'stopped',
  /** Postgres did not take its output, and the gateway had it stopped; agents do not say so. */
  'unrecorded',
  'lost',
] as const;

export const gatewayFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('challenge'), protocol: z.number().int(), nonce: z.string() }),
  z.object({
    type: z.literal('welcome'),
    agent: z.string(),
    instanceId: z.uuid(),
    epoch: z.number().int(),
    /** SPKI DER, base64: learned at enrolment and compared ever after. */
    gatewayKey: base64,
  }),
  z.object({ type: z.literal('refused'), code: z.string(), message: z.string() }),
  /** `fromOffset`: what the gateway already has; the agent goes on from there. */
  z.object({
    type: z.literal('order'),
    order: z.string(),
    signature: base64,
    fromOffset: z.number().int().nonnegative(),
  }),
  /** All bytes below `offset` are in Postgres. */
  z.object({ type: z.literal('ack'), sessionId: z.uuid(), offset: z.number().int().nonnegative() }),
  z.object({ type: z.literal('signal'), sessionId: z.uuid(), signal: z.enum(['SIGINT', 'SIGTERM', 'SIGKILL']) }),
  /** End the run: SIGTERM (and SIGHUP in a terminal) to all of it, SIGKILL after `graceMs`. */
  z.object({ type: z.literal('stop'), sessionId: z.uuid(), graceMs: z.number().int().nonnegative() }),
  z.object({ type: z.literal('extend'), sessionId: z.uuid(), extension: z.string(), signature: base64 }),
  /** A client wants to type: it has this size, and is told how far its input was taken (`input_ack`). */
  terminalSize.extend({ type: z.literal('attach'), sessionId: z.uuid(), client: z.uuid() }),
  terminalSize.extend({ type: z.literal('resize'), sessionId: z.uuid() }),
  z.object({ type: z.literal('forget'), sessionId: z.uuid() }),
]);
export type GatewayFrame = z.infer<typeof gatewayFrame>;

/** Text of an agent as Postgres takes it: no NUL, no half of a character (a cut may leave one). */
const storableText = (length: number) =>
  z
    .string()
    .max(length)
    .transform((text) => Buffer.from(text).toString().replaceAll('\0', '\u{fffd}'));

export const exitedFrame = z.object({
  type: z.literal('exited'),
  sessionId: z.uuid(),
  nonce: z.string(),
  reason: z.enum(exitReasons),
  /** The command's own status (127: not found); null when a signal ended it or nobody knows. */
  exitCode: z.int32().nullable(),
  /** e.g. `SIGKILL`. */
  signal: storableText(32).nullable(),
  /** All recorded bytes of the run: the offset behind its last one. */
  outputBytes: z.number().int().nonnegative(),
  durationMs: z.number().nonnegative(),
  message: storableText(2000),
});
export type ExitedFrame = z.infer<typeof exitedFrame>;

export const agentFrame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.number().int(),
    version: z.string().max(64),
    hostname: z.string().max(255),
    /** Ed25519, SPKI DER, base64. */
    publicKey: base64.max(256),
    journalId: z.uuid(),
    /** Over `helloBytes(nonce, journalId)`. */
    signature: base64.max(256),
    /** Only to enrol a key the gateway does not know yet. */
    token: z.string().max(512).optional(),
    /** Of this instance, as its operator named them. */
    labels: z.record(z.string().max(63), z.string().max(256)).optional(),
    /** What it knows of that agents of earlier releases would pass over. */
    features: z.array(z.string().max(64)).max(64).optional(),
  }),
  z.object({
    type: z.literal('journal'),
    runs: z.array(
      z.object({
        sessionId: z.uuid(),
        nonce: z.string(),
        phase: z.enum(journalPhases),
        outputBytes: z.number().int().nonnegative(),
      }),
    ),
  }),
  z.object({ type: z.literal('accepted'), sessionId: z.uuid(), nonce: z.string() }),
  z.object({ type: z.literal('started'), sessionId: z.uuid(), nonce: z.string() }),
  /** The order was not taken and nothing ran, e.g. a wrong signature. */
  z.object({
    type: z.literal('order_refused'),
    sessionId: z.uuid(),
    nonce: z.string(),
    code: z.string(),
    message: storableText(2000),
  }),
  exitedFrame,
  /** The terminal has taken what the client sent below `offset`. */
  z.object({
    type: z.literal('input_ack'),
    sessionId: z.uuid(),
    client: z.uuid(),
    offset: z.number().int().nonnegative(),
  }),
  /** The agent is being stopped: what runs goes on, new orders go to other instances. */
  z.object({ type: z.literal('draining') }),
]);
export type AgentFrame = z.infer<typeof agentFrame>;
