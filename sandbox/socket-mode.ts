import { randomInt, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { parseJson } from '#shared/parse-json.ts';
import type { Faults } from './faults.ts';
import { secret } from './ids.ts';
import type { Clock, Json, PendingEvent } from './model.ts';
import type { Store } from './store.ts';

export type EnvelopeType = 'events_api' | 'slash_commands' | 'interactive';
export type Delivery =
  { acked: true; ackMs: number; response: Json } | { acked: false; ackMs: number; reason: 'no_socket' | 'timeout' };

interface Envelope {
  type: EnvelopeType;
  payload: Json;
  /** True for slash commands, view submissions and asked options: what comes with the ack is acted on. */
  acceptsResponse: boolean;
  retry?: { attempt: number; reason: string };
}

interface Line {
  appId: string;
  /** The app-level token it was opened with. */
  token: string;
  leaving: boolean;
  alive: boolean;
}

interface HubDeps {
  store: Store;
  clock: Clock;
  faults: Faults;
  /** How long an app has to acknowledge: Slack's 3 s. */
  ackTimeoutMs: number;
  /** How long after a missed acknowledgement an event is sent again, one entry a retry. */
  eventRetryDelaysMs: readonly number[];
  onChange(): void;
}

const SOCKETS_AN_APP = 10;
const TICKET_MS = 30_000;
const PING_MS = 10_000;
const CONNECTION_S = 18_060;
const DEBUG_CONNECTION_S = 360;
const WARNING_MS = 10_000;

/** Slack's end of Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode */
export class SocketHub {
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: 1024 * 1024 });
  private readonly sockets = new Map<WebSocket, Line>();
  private readonly tickets = new Map<string, { appId: string; token: string; expiresAt: number }>();
  private readonly waiting = new Map<string, { appId: string; settle: (response: Json) => void }>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly deps: HubDeps;

  constructor(deps: HubDeps) {
    this.deps = deps;
  }

  /** Goes on with the events that were not acknowledged when the process last ended. */
  start(): void {
    for (const event of this.deps.store.all(this.deps.store.events)) this.schedule(event);
    const ping = setInterval(() => this.ping(), PING_MS);
    this.timers.add(ping);
  }

  /** Connections that payloads go to: those that were told to leave do not count. */
  openCount(appId: string): number {
    return this.of(appId).filter((socket) => !this.sockets.get(socket)?.leaving).length;
  }

  /** The path of a WebSocket address that works once. */
  ticket(appId: string, token: string, debug: boolean): string {
    const now = this.deps.clock.now();
    for (const [old, { expiresAt }] of this.tickets) if (expiresAt < now) this.tickets.delete(old);
    const ticket = secret();
    this.tickets.set(ticket, { appId, token, expiresAt: now + TICKET_MS });
    return `/link/?ticket=${ticket}&app_id=${appId}${debug ? '&debug_reconnects=true' : ''}`;
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'http://sandbox');
    const ticket = this.tickets.get(url.searchParams.get('ticket') ?? '');
    this.tickets.delete(url.searchParams.get('ticket') ?? '');
    if (url.pathname !== '/link/' || !ticket || ticket.expiresAt < this.deps.clock.now()) {
      stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    this.server.handleUpgrade(request, stream, head, (socket) =>
      this.welcome(socket, ticket, url.searchParams.get('debug_reconnects') === 'true'),
    );
  }

  private welcome(socket: WebSocket, { appId, token }: { appId: string; token: string }, debug: boolean): void {
    socket.on('error', () => socket.terminate());
    if (this.of(appId).length >= SOCKETS_AN_APP) {
      socket.send(disconnectFrame('too_many_websockets'));
      socket.close(1000);
      return;
    }
    const seconds = debug ? DEBUG_CONNECTION_S : CONNECTION_S;
    this.sockets.set(socket, { appId, token, leaving: false, alive: true });
    const timers = [
      this.later(seconds * 1000 - WARNING_MS, () => this.askToLeave(socket, 'warning')),
      this.later(seconds * 1000, () => this.askToLeave(socket, 'refresh_requested')),
    ];
    socket.on('close', () => {
      timers.forEach((timer) => this.cancel(timer));
      this.sockets.delete(socket);
      this.deps.onChange();
    });
    socket.on('pong', () => this.sockets.has(socket) && (this.sockets.get(socket)!.alive = true));
    socket.on('message', (data) => this.receive(appId, String(data)));
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.of(appId).length,
        debug_info: {
          host: 'applink-sandbox',
          started: new Date(this.deps.clock.now()).toISOString().replace('T', ' ').replace('Z', ''),
          build_number: 1,
          approximate_connection_time: seconds,
        },
        connection_info: { app_id: appId },
      }),
    );
    this.deps.onChange();
  }

  private receive(appId: string, text: string): void {
    // Slack ignores what it cannot read
    const { envelope_id, payload } = (parseJson(text) ?? {}) as { envelope_id?: unknown; payload?: unknown };
    const waiting = this.waiting.get(String(envelope_id));
    if (waiting?.appId !== appId) return;
    waiting.settle(typeof payload === 'object' && payload !== null ? (payload as Json) : {});
  }

  /** Sends one payload to one of the app's sockets and waits for its acknowledgement. */
  async deliver(appId: string, envelope: Envelope): Promise<Delivery> {
    const { faults, ackTimeoutMs, store } = this.deps;
    const started = performance.now();
    const fault = faults.forDelivery(envelope.type, appId);
    const envelopeId = randomUUID();
    const frame = JSON.stringify({
      envelope_id: envelopeId,
      payload: envelope.payload,
      type: envelope.type,
      accepts_response_payload: envelope.acceptsResponse,
      ...(envelope.retry ? { retry_attempt: envelope.retry.attempt, retry_reason: envelope.retry.reason } : {}),
    });
    const delivery = await new Promise<Delivery>((resolve) => {
      const ackMs = () => Math.round(performance.now() - started);
      // nobody can answer what was never sent: a test need not wait as long
      const patience = fault?.kind === 'lose' ? (fault.ms ?? ackTimeoutMs) : ackTimeoutMs;
      const giveUp = this.later(patience, () => settle({ acked: false, ackMs: ackMs(), reason: 'timeout' }));
      const settle = (result: Delivery) => {
        this.cancel(giveUp);
        this.waiting.delete(envelopeId);
        resolve(result);
      };
      this.waiting.set(envelopeId, { appId, settle: (response) => settle({ acked: true, ackMs: ackMs(), response }) });
      const send = () => {
        if (!this.send(appId, frame)) settle({ acked: false, ackMs: ackMs(), reason: 'no_socket' });
      };
      if (fault?.kind === 'late') this.later(fault.ms ?? 1000, send);
      else if (fault?.kind !== 'lose') send();
      if (fault?.kind === 'duplicate') send();
    });
    store.addCall({
      at: new Date().toISOString(),
      kind: 'delivery',
      method: envelope.type,
      appId,
      args: envelope.payload,
      status: delivery.acked ? 200 : 0,
      response: delivery.acked ? delivery.response : delivery.reason,
      ms: delivery.ackMs,
      ...(fault ? { fault: fault.kind } : {}),
    });
    return delivery;
  }

  /** Remembers an event until it is acknowledged or Slack would give up, and starts sending it. */
  publish(appId: string, eventId: string, payload: Json): void {
    const event: PendingEvent = { appId, eventId, payload, attempts: 0, nextAt: this.deps.clock.now() };
    this.deps.store.events.putSync(eventId, event);
    void this.attempt(event);
  }

  private schedule(event: PendingEvent): void {
    this.later(Math.max(0, event.nextAt - this.deps.clock.now()), () => void this.attempt(event));
  }

  private async attempt(event: PendingEvent): Promise<void> {
    const { store, clock, ackTimeoutMs, eventRetryDelaysMs } = this.deps;
    const started = clock.now();
    const retry = { attempt: event.attempts, reason: event.attempts > 0 ? 'timeout' : '' };
    const { appId, payload } = event;
    const delivery = await this.deliver(appId, { type: 'events_api', payload, acceptsResponse: false, retry });
    const delay = eventRetryDelaysMs[event.attempts];
    if (delivery.acked || delay === undefined) {
      store.events.removeSync(event.eventId);
      return;
    }
    const again = { ...event, attempts: event.attempts + 1, nextAt: started + ackTimeoutMs + delay };
    store.events.putSync(event.eventId, again);
    this.schedule(again);
  }

  private send(appId: string, frame: string): boolean {
    const open = this.of(appId);
    const staying = open.filter((socket) => !this.sockets.get(socket)?.leaving);
    const candidates = staying.length > 0 ? staying : open;
    const chosen = candidates[candidates.length > 1 ? randomInt(candidates.length) : 0];
    chosen?.send(frame);
    return chosen !== undefined;
  }

  private of(appId?: string): WebSocket[] {
    return [...this.sockets]
      .filter(([socket, { appId: owner }]) => socket.readyState === WebSocket.OPEN && (!appId || owner === appId))
      .map(([socket]) => socket);
  }

  /** Ends sockets without a closing frame. */
  cut(appId?: string): number {
    const open = this.of(appId);
    open.forEach((socket) => socket.terminate());
    return open.length;
  }

  /** Sends a disconnect frame, as Slack does before it recycles a connection. */
  disconnect(reason: string, appId?: string): number {
    const open = this.of(appId);
    open.forEach((socket) => this.askToLeave(socket, reason));
    return open.length;
  }

  /** The token is gone, and with it what it opened. */
  unlink(token: string): void {
    for (const [socket, line] of this.sockets) if (line.token === token) this.askToLeave(socket, 'link_disabled');
  }

  private askToLeave(socket: WebSocket, reason: string): void {
    const state = this.sockets.get(socket);
    if (!state) return;
    socket.send(disconnectFrame(reason));
    state.leaving = true;
    if (reason !== 'warning') this.later(WARNING_MS, () => socket.close(1000));
  }

  private ping(): void {
    for (const [socket, state] of this.sockets) {
      if (!state.alive) {
        socket.terminate();
        continue;
      }
      state.alive = false;
      socket.ping('Ping from applink-sandbox');
    }
  }

  private later(ms: number, work: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms);
    this.timers.add(timer);
    return timer;
  }

  private cancel(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.timers.delete(timer);
  }

  close(): void {
    this.timers.forEach((timer) => clearTimeout(timer));
    this.timers.clear();
    this.sockets.forEach((_state, socket) => socket.terminate());
    this.server.close();
  }
}

function disconnectFrame(reason: string): string {
  return JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-sandbox' } });
}
