/**
 * A gateway for tests of the CLI: real HTTP and WebSocket, answers that follow the schemas of the API (each is
 * checked), and a session that does what the test says.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { z } from 'zod';
import * as schemas from '#shared/api-schemas.ts';
import { HoopError, type ErrorCode } from '#shared/errors.ts';
import { decodeInput, inputWindowBytes, type InputChunk } from '#shared/input-frame.ts';
import { encodeOutput, type OutputChunk, type RecordedStream } from '#shared/output-frame.ts';
import { isEndState, type SessionState } from '#shared/session-states.ts';
import {
  streamCommand,
  streamEvent,
  type EndEvent,
  type StateEvent,
  type StreamCommand,
} from '#shared/stream-events.ts';
import { binarySubprotocol } from '#shared/stream-protocol.ts';

export const token = 'token-of-the-test';
const digest = 'ab'.repeat(32);
const requester = { id: 'u1', email: 'dana@example.com', name: 'Dana' };

export interface SeenRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  authorization: string | undefined;
}

type Answer = { status: number; body?: unknown };
type Route = { schema?: z.ZodType; handle: (request: SeenRequest) => Answer };

/** One session and the lines that are open to it. */
export class FakeSession {
  view: schemas.SessionDetail;
  /** All output so far, as it would be in Postgres. */
  readonly chunks: OutputChunk[] = [];
  readonly commands: unknown[] = [];
  /** What was typed into its terminal, each byte once, by client. */
  readonly typed = new Map<string, Buffer>();
  /** Whether what is typed is taken; set to false, it is lost on the way. */
  takesInput = true;
  /** Frames that were lost so. */
  inputLost = 0;
  /** The offsets that lines asked for. */
  readonly askedOffsets: number[] = [];
  readonly sockets = new Set<WebSocket>();
  private ended: EndEvent | undefined;

  constructor(view: schemas.SessionDetail) {
    this.view = view;
  }

  get size(): number {
    const last = this.chunks.at(-1);
    return last ? last.offset + last.data.length : 0;
  }

  state(state: SessionState, more: Partial<StateEvent> = {}): void {
    this.view = { ...this.view, state };
    this.send({ ...this.stateEvent(), ...more });
  }

  /** A grant begins, or has another end: `seconds` from now. */
  active(seconds: number): void {
    const activeUntil = new Date(Date.now() + seconds * 1000).toISOString();
    this.view = {
      ...this.view,
      activeUntil,
      startedAt: new Date().toISOString(),
      stateSince: new Date().toISOString(),
    };
    this.state('active');
  }

  /** `at`: milliseconds since the command began. */
  output(stream: RecordedStream, data: Buffer | string, at?: number): void {
    const chunk = { stream, offset: this.size, data: Buffer.from(data), at };
    this.chunks.push(chunk);
    for (const socket of this.sockets) socket.send(encodeOutput(chunk));
  }

  end(state: EndEvent['state'], more: Partial<EndEvent> = {}): void {
    this.view = { ...this.view, state, endedAt: new Date().toISOString(), exitCode: more.exitCode ?? null };
    this.ended = { event: 'end', state, ...more };
    this.send(this.ended);
    for (const socket of this.sockets) socket.close(1000);
  }

  /** As a network does it: without a word. */
  dropLines(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  closeLines(code: number): void {
    for (const socket of this.sockets) socket.close(code);
  }

  take(socket: WebSocket, offset: number): void {
    this.askedOffsets.push(offset);
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) this.type(socket, decodeInput(data));
      else this.command(socket, streamCommand.parse(JSON.parse(data.toString())));
    });
    const { id, url, state } = this.view;
    this.send({ event: 'session', id, url, state }, [socket]);
    if (!isEndState(state)) this.send(this.stateEvent(), [socket]);
    for (const chunk of this.chunks.flatMap((one) => rest(one, offset))) socket.send(encodeOutput(chunk));
    if (this.ended) {
      this.send(this.ended, [socket]);
      socket.close(1000);
    }
  }

  /** All that was typed so far, when one client typed. */
  get typedText(): string {
    return [...this.typed.values()].map(String).join('');
  }

  private command(socket: WebSocket, command: StreamCommand): void {
    this.commands.push(command);
    if (command.command !== 'attach') return;
    const { client } = command;
    this.send({ event: 'input', client, offset: this.typed.get(client)?.length ?? 0, resend: true }, [socket]);
  }

  /** As the runner does it: what it has is passed over, and so is what leaves a gap. */
  private type(socket: WebSocket, { client, offset, data }: InputChunk): void {
    const before = this.typed.get(client) ?? Buffer.alloc(0);
    if (offset + data.length > before.length + inputWindowBytes) return socket.close(1008);
    if (!this.takesInput) this.inputLost += 1;
    if (!this.takesInput || offset > before.length) return;
    const now = Buffer.concat([before, data.subarray(before.length - offset)]);
    this.typed.set(client, now);
    this.send({ event: 'input', client, offset: now.length }, [socket]);
  }

  private stateEvent(): StateEvent {
    const { state, stateSince: since, expiresAt, agent, review, activeUntil } = this.view;
    if (activeUntil !== null) return { event: 'state', state, since, agent, activeUntil };
    if (state !== 'pending') return { event: 'state', state, since, agent };
    const { groups, approvals, approvalsNeeded, askedIn } = review;
    return { event: 'state', state, since, expiresAt, groups, approvals, approvalsNeeded, askedIn, agent };
  }

  private send(event: unknown, to: Iterable<WebSocket> = this.sockets): void {
    const text = JSON.stringify(streamEvent.parse(event));
    for (const socket of to) socket.send(text);
  }
}

export class FakeApi {
  url = '';
  readonly requests: SeenRequest[] = [];
  readonly sessions = new Map<string, FakeSession>();
  /** Answers that break the schema of their route; a test ends with none. */
  readonly problems: string[] = [];
  /** What new sessions look like, beyond the defaults. */
  newSession: Partial<schemas.SessionDetail> = {};
  /** Requests to handle whose answers get lost on the way. */
  repliesToLose = 0;
  private readonly routes = new Map<string, Route>();
  private readonly refusedGrants = new Map<string, HoopError>();
  private readonly connections = new Set<NetSocket>();
  private readonly server = createServer((request, response) => void this.serve(request, response));
  private readonly streams = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has(binarySubprotocol) ? binarySubprotocol : false),
  });

  constructor() {
    this.server.on('connection', (socket) => {
      this.connections.add(socket);
      socket.on('close', () => this.connections.delete(socket));
    });
    this.server.on('upgrade', (request, socket, head) => {
      const url = new URL(request.url ?? '', 'http://fake');
      const session = this.sessions.get(url.pathname.split('/')[3] ?? '');
      this.streams.handleUpgrade(request, socket, head, (line) => {
        if (request.headers.authorization !== `Bearer ${token}`) return line.close(4401, 'Sign in again.');
        if (!session) return line.close(4404, 'There is no such session.');
        session.take(line, Number(url.searchParams.get('offset')));
      });
    });
    this.defaultRoutes();
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  /** Away for everybody; `listen(port)` brings it back. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.connections) socket.destroy();
    await closed;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** The one session there is. */
  get session(): FakeSession {
    return this.sessionOf(() => true);
  }

  /** The one that was made last of those that fit. */
  sessionOf(fits: (view: schemas.SessionDetail) => boolean): FakeSession {
    const session = [...this.sessions.values()].findLast(({ view }) => fits(view));
    if (!session) throw new Error('no such session was asked for yet');
    return session;
  }

  /** Answers `route` ("GET /api/me") with `body`, checked against `schema`. */
  answer(route: string, schema: z.ZodType | undefined, body: unknown, status = 200): void {
    this.routes.set(route, { ...(schema ? { schema } : {}), handle: () => ({ status, body }) });
  }

  /** As `answer`, with a body for each request. */
  answerWith(route: string, schema: z.ZodType, bodyFor: (request: SeenRequest) => unknown): void {
    this.routes.set(route, { schema, handle: (request) => ({ status: 200, body: bodyFor(request) }) });
  }

  refuse(route: string, code: ErrorCode, message: string): void {
    const { status } = new HoopError(code, message);
    this.answer(route, schemas.errorBody, { error: { code, message } }, status);
  }

  /** Opens nothing more under that grant. */
  refuseUnder(grant: string, code: ErrorCode, message: string): void {
    this.refusedGrants.set(grant, new HoopError(code, message));
  }

  /** Requests of a route, in order. */
  seen(method: string, path: string): SeenRequest[] {
    return this.requests.filter((request) => request.method === method && request.path === path);
  }

  addSession(view: Partial<schemas.SessionDetail> = {}): FakeSession {
    const session = new FakeSession(schemas.sessionDetail.parse({ ...sessionDefaults(this.url), ...view }));
    this.sessions.set(session.view.id, session);
    return session;
  }

  private defaultRoutes(): void {
    this.routes.set('POST /api/sessions', {
      schema: z.union([schemas.sessionView, schemas.errorBody]),
      handle: ({ body }) => {
        const input = schemas.createSessionInput.parse(body);
        const refused = this.refusedGrants.get(input.grant ?? '');
        if (refused)
          return { status: refused.status, body: { error: { code: refused.code, message: refused.message } } };
        const known = this.sessions.get(input.id ?? '');
        if (known) return { status: 200, body: known.view };
        const { view } = this.addSession({
          ...madeFrom(input),
          ...this.newSession,
          ...(input.grant && underGrant(input)),
        });
        return { status: 201, body: view };
      },
    });
    this.answerWith('GET /api/sessions', schemas.sessionView.array(), ({ query }) => this.listed(query));
    this.answer('POST /api/logout', undefined, undefined, 204);
  }

  /** The newest first, of the filters that `hoop` uses. */
  private listed(query: URLSearchParams): schemas.SessionView[] {
    const [states, limit] = [query.get('state')?.split(','), Number(query.get('limit') ?? 50)];
    const fits = (view: schemas.SessionView) =>
      (states === undefined || states.includes(view.state)) &&
      (['kind', 'connection', 'grant'] as const).every((name) => !query.has(name) || query.get(name) === view[name]) &&
      view.id.startsWith(query.get('id') ?? '');
    const views = [...this.sessions.values()].map(({ view }) => schemas.sessionView.parse(view));
    return views.filter(fits).toReversed().slice(0, limit);
  }

  /** Paths of one session, when no route of the test's own stands above them. */
  private sessionRoute({ method, path, query }: SeenRequest): Answer | undefined {
    const [, , kind, id = '', verb] = path.split('/');
    const session = kind === 'sessions' ? this.sessions.get(id) : undefined;
    if (!session) return undefined;
    const detail = () => ({ status: 200, body: schemas.sessionDetail.parse(session.view) });
    if (method === 'GET' && verb === undefined) return detail();
    if (method === 'GET' && verb === 'output') return { status: 200, body: outputPage(session, query) };
    if (method === 'POST' && (verb === 'cancel' || verb === 'revoke')) {
      const given = verb === 'cancel' && session.view.activeUntil !== null;
      session.end(verb === 'revoke' ? 'revoked' : given ? 'ended' : 'cancelled');
      return detail();
    }
    return undefined;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString('utf8');
    const url = new URL(request.url ?? '', 'http://fake');
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      body: text === '' ? undefined : JSON.parse(text),
      authorization: request.headers.authorization,
    };
    this.requests.push(seen);
    const { status, body } = this.answerTo(seen);
    if (this.repliesToLose > 0) {
      this.repliesToLose -= 1;
      return void request.socket.destroy();
    }
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  private answerTo(seen: SeenRequest): Answer {
    const error = (code: ErrorCode, message: string) => ({
      status: new HoopError(code, message).status,
      body: { error: { code, message } },
    });
    const isSignIn = seen.path === '/api/login' || seen.path.startsWith('/api/sign-in/');
    if (!isSignIn && seen.authorization !== `Bearer ${token}`) {
      return error('not_signed_in', 'This token is not valid.');
    }
    const route = this.routes.get(`${seen.method} ${seen.path}`);
    try {
      const answer = route?.handle(seen) ?? this.sessionRoute(seen);
      if (answer === undefined) return error('not_found', `There is no ${seen.path}.`);
      route?.schema?.parse(answer.body);
      return answer;
    } catch (problem) {
      this.problems.push(`${seen.method} ${seen.path}: ${String(problem)}`);
      return error('internal', 'The test answers what the schema refuses.');
    }
  }
}

function madeFrom(input: schemas.CreateSessionInput): Partial<schemas.SessionDetail> {
  const { id, kind, connection, grant = null, duration = 1800, terminal = undefined } = input;
  return {
    ...(id ? { id } : {}),
    kind,
    connection,
    grant,
    duration: kind === 'connect' ? duration : null,
    terminal: terminal !== undefined,
  };
}

/** A command under a grant is reviewed by nobody, an extension by the same people as the grant. */
function underGrant({ kind }: schemas.CreateSessionInput): Partial<schemas.SessionDetail> {
  if (kind === 'connect') return { state: 'pending', activeUntil: null };
  const review = { groups: [], approvals: 0, approvalsNeeded: 0, forced: false, askedIn: [] };
  return { state: 'queued', activeUntil: null, review };
}

function outputPage(session: FakeSession, query: URLSearchParams): schemas.OutputPage {
  const offset = Number(query.get('offset') ?? 0);
  // Two chunks a page, so that whoever reads has to turn it.
  const chunks = session.chunks.flatMap((chunk) => rest(chunk, offset)).slice(0, 2);
  const last = chunks.at(-1);
  const nextOffset = last ? last.offset + last.data.length : offset;
  return schemas.outputPage.parse({
    chunks: chunks.map(({ at = null, ...chunk }) => ({ ...chunk, at, data: chunk.data.toString('base64') })),
    nextOffset,
    end: nextOffset === session.size && isEndState(session.view.state),
  });
}

/** What of it comes at `offset` or later. */
function rest(chunk: OutputChunk, offset: number): OutputChunk[] {
  const skip = Math.max(0, offset - chunk.offset);
  return skip >= chunk.data.length ? [] : [{ ...chunk, offset: chunk.offset + skip, data: chunk.data.subarray(skip) }];
}

function sessionDefaults(base: string): schemas.SessionDetail {
  const id = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
  const allowed = { allowed: true, why: null };
  return {
    id,
    kind: 'exec',
    state: 'pending',
    url: `${base}${schemas.consolePaths.session(id)}`,
    connection: 'bash',
    agent: { name: 'default', online: true },
    requester,
    reason: '',
    correlationId: null,
    digest,
    envelopeVersion: 1,
    createdAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 24 * 3_600_000).toISOString(),
    stateSince: new Date().toISOString(),
    startedAt: null,
    endedAt: null,
    duration: null,
    activeUntil: null,
    terminal: false,
    grant: null,
    exitCode: null,
    exitSignal: null,
    message: null,
    outputBytes: 0,
    recordingRemovedAt: null,
    review: {
      groups: [
        { group: 'admin', met: false, approvedBy: [] },
        { group: 'sre', met: false, approvedBy: [] },
      ],
      approvals: 0,
      approvalsNeeded: 1,
      forced: false,
      askedIn: ['#ops', 'console'],
    },
    envelope: {
      command: ['bash'],
      args: [],
      script: 'ls\n',
      scriptEncoding: 'utf8',
      env: {},
      terminal: null,
      connectionEnvNames: [],
      connectionVersion: 1,
      maxRuntimeSeconds: 0,
      maxOutputBytes: 1024 ** 3,
      runAs: null,
      idleSeconds: 0,
    },
    policy: { groups: ['admin', 'sre'], minApprovals: 0, distinctReviewers: false, forceApproveGroups: [] },
    decisions: [],
    timeline: [],
    can: { approve: allowed, reject: allowed, cancel: allowed, revoke: allowed },
    myGroups: [],
    workflowUrl: null,
  };
}
