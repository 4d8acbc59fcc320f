/** Stands between agents and the gateway, and holds a frame of a run when a test says so. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { readId } from '#shared/output-frame.ts';

type Direction = 'up' | 'down';

/** Frames that can be held, and which way they travel: `up` is to the gateway. `input` and `output` are binary. */
const directions = {
  order: 'down',
  ack: 'down',
  stop: 'down',
  input: 'down',
  forget: 'down',
  accepted: 'up',
  started: 'up',
  output: 'up',
  input_ack: 'up',
  exited: 'up',
} as const satisfies Record<string, Direction>;
export type HeldFrame = keyof typeof directions;

export interface AgentLineProxy {
  /** For HOOP_GATEWAY_URL of the agent. */
  url: string;
  /**
   * Holds the `nth` frame of this kind, and all that follow it the same way, of the run whose envelope has the
   * variable CELL (`-e CELL=...`). Resolves with the session once the frame is there.
   */
  hold(cell: string, frame: HeldFrame, nth?: number): Promise<string>;
  /** Lets go of everything; frames of lines that have gone are gone. */
  release(): void;
  /** Breaks every line, as a network does. */
  cut(): void;
  close(): Promise<void>;
}

interface Rule {
  cell: string;
  frame: HeldFrame;
  left: number;
  reached: (sessionId: string) => void;
}

export async function startAgentLineProxy(gatewayUrl: string): Promise<AgentLineProxy> {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  const cells = new Map<string, string>();
  const held = new Map<string, (() => void)[]>();
  let rules: Rule[] = [];

  function pass(direction: Direction, data: Buffer, isBinary: boolean, send: () => void): void {
    const { frame, sessionId } = read(direction, data, isBinary);
    if (sessionId === undefined) return send();
    const key = `${direction} ${sessionId}`;
    const waiting = held.get(key);
    if (waiting) return void waiting.push(send);
    const rule = rules.find((one) => one.frame === frame && one.cell === cells.get(sessionId));
    if (!rule || (rule.left -= 1) > 0) return send();
    rules = rules.filter((one) => one !== rule);
    held.set(key, [send]);
    rule.reached(sessionId);
  }

  function read(direction: Direction, data: Buffer, isBinary: boolean): { frame: string; sessionId?: string } {
    if (isBinary) return { frame: direction === 'up' ? 'output' : 'input', sessionId: readId(data) };
    const frame = JSON.parse(String(data)) as { type: string; sessionId?: string; order?: string };
    if (frame.type !== 'order' || frame.order === undefined) return { frame: frame.type, ...pick(frame.sessionId) };
    const { sessionId, envelope } = JSON.parse(frame.order) as { sessionId: string; envelope: string };
    const { env } = JSON.parse(envelope) as { env: Record<string, string> };
    cells.set(sessionId, env['CELL'] ?? '');
    return { frame: 'order', sessionId };
  }

  sockets.on('connection', (agent, request) => {
    const gateway = new WebSocket(new URL(request.url ?? '', gatewayUrl.replace('http', 'ws')), {
      perMessageDeflate: false,
    });
    const opened = once(gateway, 'open');
    const end = (): void => {
      agent.terminate();
      gateway.terminate();
    };
    opened.catch(end);
    for (const [from, to, direction] of [
      [agent, gateway, 'up'],
      [gateway, agent, 'down'],
    ] as const) {
      from.on('error', end);
      from.on('close', end);
      from.on('message', (data: Buffer, isBinary) => {
        pass(direction, data, isBinary, () => {
          if (to.readyState === WebSocket.OPEN) to.send(data, { binary: isBinary });
          else if (to === gateway) void opened.then(() => to.send(data, { binary: isBinary }), end);
        });
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const release = (): void => {
    rules = [];
    const waiting = [...held.values()];
    held.clear();
    for (const send of waiting.flat()) send();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: (cell, frame, nth = 1) =>
      new Promise((reached) => {
        rules.push({ cell, frame, left: nth, reached });
      }),
    release,
    cut: () => sockets.clients.forEach((agent) => agent.terminate()),
    async close() {
      release();
      for (const agent of sockets.clients) agent.terminate();
      sockets.close();
      server.close();
      await once(server, 'close');
    },
  };
}

const pick = (sessionId: string | undefined) => (sessionId === undefined ? {} : { sessionId });
