/** Whether an order may run here. Pure: what counts as this agent and as now is handed in. */
import { verify, type KeyObject } from 'node:crypto';
import {
  extensionBytes,
  extensionSchema,
  orderBytes,
  orderSchema,
  type Extension,
  type GatewayFrame,
  type Order,
} from '#shared/agent-protocol.ts';
import { sha256Hex } from '#shared/digest.ts';
import { envelopeSchema, type Envelope } from '#shared/envelope.ts';
import { HoopError } from '#shared/errors.ts';
import { parseJson } from '#shared/parse-json.ts';

export type OrderFrame = Extract<GatewayFrame, { type: 'order' }>;

export type ExtendFrame = Extract<GatewayFrame, { type: 'extend' }>;

export interface OrderContext {
  /** Learned at enrolment; no other key's orders are taken. */
  gatewayKey: KeyObject;
  agent: string;
  instanceId: string;
  journalId: string;
}

export interface CheckedOrder {
  order: Order;
  envelope: Envelope;
}

/** The order without any check, to name it in a refusal; null when it is no order at all. */
export function readOrder(frame: OrderFrame): Order | null {
  try {
    return orderSchema.parse(JSON.parse(frame.order));
  } catch {
    return null;
  }
}

/** Throws `HoopError` (`agent_refused`) saying what does not fit. Says nothing about time and earlier orders. */
export function verifyOrder(frame: OrderFrame, order: Order, context: OrderContext): CheckedOrder {
  const signature = Buffer.from(frame.signature, 'base64');
  check(
    verify(null, orderBytes(frame.order), context.gatewayKey, signature),
    'it is not signed by the gateway this agent enrolled with',
  );
  check(
    order.agent === context.agent,
    `it is for agent ${JSON.stringify(order.agent)}, this is ${JSON.stringify(context.agent)}`,
  );
  check(order.instanceId === context.instanceId, 'it is for another instance of this agent');
  check(order.journalId === context.journalId, 'it is for another journal');
  check(sha256Hex(order.envelope) === order.digest, 'its envelope does not have the digest that was approved');
  const envelope = readEnvelope(order.envelope);
  check(envelope.sessionId === order.sessionId, 'its envelope belongs to another session');
  check(envelope.agent === context.agent, 'its envelope names another agent');
  check(envelope.kind === 'exec', `this agent runs exec only, not ${envelope.kind}`);
  const unnamed = Object.keys(order.connectionEnv).filter((name) => !envelope.connection.envNames.includes(name));
  check(unnamed.length === 0, `its environment has names that were not approved (${unnamed.join(', ')})`);
  return { order, envelope };
}

/** What the gateway signed; undefined when it did not, or when it cannot be read. */
export function readExtension(frame: ExtendFrame, { gatewayKey }: OrderContext): Extension | undefined {
  const isSigned = verify(null, extensionBytes(frame.extension), gatewayKey, Buffer.from(frame.signature, 'base64'));
  return isSigned ? extensionSchema.safeParse(parseJson(frame.extension)).data : undefined;
}

/** Throws `HoopError` (`run_expired`) when a new order comes too late; one accepted before may come again at any time. */
export function refuseLate(order: Order, now: number): void {
  const deadline = Date.parse(order.acceptBefore);
  if (now < deadline) return; // an unreadable time is never before
  throw new HoopError(
    'run_expired',
    `The order had to be accepted before ${order.acceptBefore}; the agent's clock says ${new Date(now).toISOString()}.`,
  );
}

function readEnvelope(text: string): Envelope {
  const envelope = envelopeSchema.safeParse(parseJson(text));
  if (envelope.success) return envelope.data;
  throw new HoopError(
    'agent_refused',
    'The agent refused the order: its envelope cannot be read; the agent may be older than the gateway.',
  );
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new HoopError('agent_refused', `The agent refused the order: ${otherwise}.`);
}
