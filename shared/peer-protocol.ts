/**
 * Between two gateways, over a WebSocket that the one whose people watch opens to the one that holds the agent's line,
 * at `peer_url` of its row. Who dials names both and proves the installation's key in the request itself (`Authorization`);
 * the other proves it over both nonces, and then the first over both as well, so that nothing of one connection is of use
 * for another.
 *
 *   holder: challenge             dialler: answer
 *   dialler: watch, leave         holder: line (the run is on an agent's line there), output in binary frames
 *                                   (`encodeSessionOutput`): what passes just now, and left out when the dialler is slow
 *   dialler: attach, resize, input in binary frames (`encodeSessionInput`)          holder: input_ack
 *
 * Frames that one side does not know are passed over.
 */
import { z } from 'zod';
import { terminalSize } from './terminal.ts';

export const peerConnectPath = '/api/peer/connect';
export const peerScheme = 'Hoop-Peer-1';

const sessionId = z.uuid();

export const holderFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('challenge'), nonce: z.string().max(64), proof: z.string().max(64) }),
  z.object({ type: z.literal('line'), sessionId }),
  z.object({
    type: z.literal('input_ack'),
    sessionId,
    client: z.uuid(),
    offset: z.number().int().nonnegative(),
  }),
]);
export type HolderFrame = z.infer<typeof holderFrame>;

export const diallerFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('answer'), proof: z.string().max(64) }),
  z.object({ type: z.literal('watch'), sessionId }),
  z.object({ type: z.literal('leave'), sessionId }),
  terminalSize.extend({ type: z.literal('attach'), sessionId, client: z.uuid() }),
  terminalSize.extend({ type: z.literal('resize'), sessionId }),
]);
export type DiallerFrame = z.infer<typeof diallerFrame>;
