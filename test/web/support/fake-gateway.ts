/**
 * A gateway for the console alone: it serves the built pages under the strict content security policy and answers
 * from memory. Every answer is checked by the schema the console reads it with, and reviews go through the real policy.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  decisionInput,
  endInput,
  errorBody,
  loginAnswer,
  loginInput,
  me as meSchema,
  reviewCount,
  paths,
  sessionDetail,
  sessionView,
  type DecisionView,
  type Me,
  type SessionDetail,
} from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import type { ReviewPart } from '#shared/review-list-schemas.ts';
import { firstRunView, type FirstRunView } from '#shared/first-run-schemas.ts';
import { refusalOf, tallyReview, type ReviewFacts } from '#shared/review-policy.ts';
import { isEndState } from '#shared/session-states.ts';
import { signInMethod } from '#shared/sign-in-schemas.ts';
import { streamEvent, type StreamEvent } from '#shared/stream-events.ts';
import { password, people, type StoredSession } from './samples.ts';
import { consoleServer } from './serve-page.ts';

const cookieName = 'hoop_session';
type Body = z.infer<typeof decisionInput>;

export class FakeGateway {
  readonly sessions = new Map<string, StoredSession>();
  /** Bodies of the decisions that came in. */
  readonly decisions: Body[] = [];
  /** Over, unless a test has it otherwise. */
  firstRun: FirstRunView = {
    open: false,
    dismissed: true,
    agent: null,
    connection: null,
    slack: null,
    lastSession: null,
    finished: null,
  };
  private readonly signedIn = new Map<string, Me>();
  private readonly listeners = new Set<ServerResponse>();
  private readonly followers = new Map<WebSocket, string>();
  private readonly sockets = new WebSocketServer({ noServer: true });
  private server: Server | undefined;
  private isAway = false;
  private port = 0;
  private readonly folder: string;
  private page: RequestListener | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.answer(request, response));
    server.on('upgrade', (request, socket, head) =>
      this.sockets.handleUpgrade(request, socket, head, (line) => this.follow(line, request)),
    );
    server.on('connection', (socket) => this.isAway && socket.destroy());
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.page = consoleServer(this.folder, this.url);
  }

  /** Answers nobody until `comeBack`, and keeps what it knew, and its port: nobody else may take it meanwhile. */
  goAway(): void {
    this.isAway = true;
    for (const line of this.followers.keys()) line.terminate();
    this.followers.clear();
    this.listeners.clear();
    this.server?.closeAllConnections();
  }

  comeBack(): void {
    this.isAway = false;
  }

  async stop(): Promise<void> {
    this.goAway();
    const { server } = this;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  add(session: StoredSession): StoredSession {
    this.sessions.set(session.detail.id, session);
    this.announce(session);
    return session;
  }

  change(session: StoredSession, changes: Partial<StoredSession['detail']>): void {
    Object.assign(session.detail, changes, { stateSince: new Date().toISOString() });
    this.announce(session);
  }

  /** Output of a running command. */
  write(session: StoredSession, data: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
    const event = { event: 'output', stream, offset: session.detail.outputBytes, data, encoding: 'utf8' } as const;
    session.output.push(event);
    session.detail.outputBytes += Buffer.byteLength(data);
    this.tell(session.detail.id, event);
  }

  signOutEverybody(): void {
    this.signedIn.clear();
  }

  private announce({ detail }: StoredSession): void {
    for (const response of this.listeners) response.write(`data: {"kind":"session","id":"${detail.id}"}\n\n`);
    this.tell(detail.id, { event: 'state', state: detail.state, since: detail.stateSince });
    if (isEndState(detail.state)) this.tell(detail.id, endOf(detail));
  }

  private tell(id: string, event: StreamEvent): void {
    for (const [line, followed] of this.followers) if (followed === id) send(line, event);
  }

  private follow(line: WebSocket, request: IncomingMessage): void {
    const url = new URL(request.url ?? '/', this.url);
    const session = this.sessions.get(url.pathname.split('/')[3] ?? '');
    if (!this.whoAsks(request)) return line.close(4401);
    if (!session) return line.close(4404);
    const { id, state, stateSince } = session.detail;
    const offset = Number(url.searchParams.get('offset'));
    line.on('close', () => this.followers.delete(line));
    this.followers.set(line, id);
    send(line, { event: 'session', id, url: `${this.url}/sessions/${id}`, state });
    send(line, { event: 'state', state, since: stateSince });
    for (const event of session.output) if (event.offset >= offset) send(line, event);
    if (isEndState(state)) send(line, endOf(session.detail));
  }

  private whoAsks(request: IncomingMessage): Me | undefined {
    const token = new RegExp(`${cookieName}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1];
    return token === undefined ? undefined : this.signedIn.get(token);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (!url.pathname.startsWith('/api/')) return this.page?.(request, response);
    try {
      await this.route(request, response, url);
    } catch (error) {
      const known = error instanceof HoopError ? error : new HoopError('internal', 'The fake gateway broke.');
      if (known !== error) console.error(error);
      json(response, errorBody, { error: { code: known.code, message: known.message } }, known.status);
    }
  }

  private async route(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const text = request.method === 'POST' ? await textOf(request) : '';
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    if (url.pathname === '/api/login') return this.signIn(loginInput.parse(body), response);
    if (url.pathname === paths.signInMethods) return json(response, z.array(signInMethod), [{ kind: 'password' }]);
    const asker = this.whoAsks(request);
    if (!asker) throw new HoopError('not_signed_in', 'Sign in first.');
    const [, , collection, id, verb] = url.pathname.split('/');
    if (collection === 'me') return json(response, meSchema, asker);
    if (collection === 'logout') return this.signOut(request, response);
    if (collection === 'events') return this.listen(response);
    if (collection === 'reviews' && id === 'count') {
      return json(response, reviewCount, { waiting: this.reviews(asker, 'mine').length, more: false });
    }
    if (collection === 'first-run' && id === 'dismiss') Object.assign(this.firstRun, { open: false, dismissed: true });
    if (collection === 'first-run') return json(response, firstRunView, this.firstRun);
    if (collection === 'reviews' || (collection === 'sessions' && id === undefined)) {
      return json(response, z.array(sessionView), this.list(asker, collection, url.searchParams));
    }
    const session = this.sessions.get(id ?? '');
    if (collection !== 'sessions' || !session) throw new HoopError('not_found', 'There is no such session.');
    if (verb === 'decisions') this.decide(session, asker, decisionInput.parse(body));
    if (verb === 'cancel' || verb === 'revoke') this.end(session, asker, verb, endInput.parse(body).reason ?? '');
    json(response, sessionDetail, this.detailFor(session, asker));
  }

  private signIn({ email, password: given }: z.infer<typeof loginInput>, response: ServerResponse): void {
    const user = Object.values(people).find((one) => one.email === email);
    if (!user || given !== password) throw new HoopError('wrong_credentials', 'E-mail or password is wrong.');
    const token = randomUUID();
    this.signedIn.set(token, user);
    response.setHeader('set-cookie', `${cookieName}=${token}; HttpOnly; SameSite=Lax; Path=/`);
    json(response, loginAnswer, { token: null, user });
  }

  private signOut(request: IncomingMessage, response: ServerResponse): void {
    const user = this.whoAsks(request);
    for (const [token, owner] of this.signedIn) if (owner === user) this.signedIn.delete(token);
    response.writeHead(204).end();
  }

  private listen(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': open\n\n');
    this.listeners.add(response);
    response.on('close', () => this.listeners.delete(response));
  }

  private list(asker: Me, collection: string, query: URLSearchParams) {
    const newestFirst = [...this.sessions.values()]
      .map((session) => this.detailFor(session, asker))
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    const state = query.get('state');
    if (collection === 'reviews') {
      const part = query.get('part');
      const all =
        part === null ? newestFirst.filter((one) => one.state !== 'pending') : this.reviews(asker, part as ReviewPart);
      return onePage(all, query);
    }
    const is = (name: string, value: string | null) => query.get(name) === null || query.get(name) === value;
    const fitting = newestFirst.filter(
      (one) =>
        (state === null || state.split(',').includes(one.state)) &&
        one.id.startsWith(query.get('id') ?? '') &&
        is('grant', one.grant) &&
        is('connection', one.connection) &&
        is('kind', one.kind),
    );
    return onePage(fitting, query);
  }

  private reviews(asker: Me, part: ReviewPart) {
    const partOf = ({ requester, decisions, digest, policy }: SessionDetail): ReviewPart => {
      if (requester.id === asker.id) return 'own';
      const decided = decisions.some((one) => one.by.id === asker.id && one.digest === digest);
      return !decided && policy.groups.some((group) => asker.groups.includes(group)) ? 'mine' : 'others';
    };
    return [...this.sessions.values()]
      .map((session): SessionDetail => this.detailFor(session, asker))
      .filter((one) => one.state === 'pending' && partOf(one) === part)
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
      .map((one) => ({ ...one, review: { ...one.review, preview: previewOf(one) } }));
  }

  private decide(session: StoredSession, asker: Me, body: Body): void {
    this.decisions.push(body);
    const { detail } = session;
    const attempt = { ...body, group: body.group ?? null, reason: body.reason ?? '', duration: body.duration ?? null };
    const refusal = refusalOf(attempt, { ...asker, active: true }, asker.admin, factsOf(session));
    if (refusal) throw new HoopError(refusal.code, refusal.message);
    if (detail.state !== 'pending') throw new HoopError('review_closed', `This session is already ${detail.state}.`);
    this.note(session, asker, body.verdict, attempt);
    const { outcome } = tallyReview(factsOf(session));
    this.change(session, { state: outcome === 'open' ? 'pending' : outcome });
  }

  private end(session: StoredSession, asker: Me, verb: 'cancel' | 'revoke', reason: string): void {
    const { digest, state } = session.detail;
    this.note(session, asker, verb, { group: null, force: false, reason, digest, duration: null });
    // what runs under a grant is stopped first
    if (state === 'active') return this.change(session, { state: 'closing' });
    this.change(session, { state: verb === 'cancel' ? 'cancelled' : 'revoked', endedAt: new Date().toISOString() });
  }

  private note(
    { detail }: StoredSession,
    by: Me,
    verdict: 'approve' | 'reject' | 'cancel' | 'revoke',
    {
      group,
      force,
      reason,
      digest,
      duration,
    }: Pick<DecisionView, 'group' | 'force' | 'reason' | 'digest' | 'duration'>,
  ): void {
    const at = new Date().toISOString();
    const seq = detail.decisions.length + 1;
    const said = { verdict, group, force, reason, digest, duration };
    detail.decisions.push({ id: randomUUID(), seq, by, via: 'console', at, ...said });
  }

  private detailFor(session: StoredSession, asker: Me) {
    const { detail, policy } = session;
    const { id, digest, requester } = detail;
    const standing = tallyReview(factsOf(session));
    const emailOf = (userId: string) => Object.values(people).find((one) => one.id === userId)?.email ?? userId;
    const may = (verdict: 'approve' | 'reject', force = false) => {
      const attempt = { verdict, group: null, force, reason: 'a reason', digest };
      const why = refusalOf(attempt, { ...asker, active: true }, asker.admin, factsOf(session))?.message ?? null;
      return { allowed: why === null, why };
    };
    const only = (allowed: boolean, why: string) => ({ allowed, why: allowed ? null : why });
    return {
      ...detail,
      url: `${this.url}/sessions/${id}`,
      review: {
        groups: standing.groups.map((one) => ({ ...one, approvedBy: one.approvedBy.map(emailOf) })),
        approvals: standing.approvals,
        approvalsNeeded: standing.approvalsNeeded,
        forced: standing.forced,
        askedIn: ['#approvals', 'console'],
      },
      can: {
        approve: may('approve'),
        reject: may('reject'),
        cancel: only(requester.id === asker.id, 'Only who asked may withdraw it.'),
        revoke: only(asker.admin, 'Only admins may revoke.'),
        ...(policy.forceApproveGroups.length > 0 ? { force: may('approve', true) } : {}),
      },
      myGroups: policy.groups.filter((group) => asker.groups.includes(group)),
      workflowUrl: asker.admin ? `http://127.0.0.1:8233/namespaces/default/workflows/session-${id}` : null,
    };
  }
}

function onePage(all: SessionDetail[], query: URLSearchParams): SessionDetail[] {
  const before = query.get('before');
  const from = before === null ? 0 : all.findIndex((one) => one.id === before) + 1;
  const limit = query.get('limit');
  return all.slice(from, limit === null ? undefined : from + Number(limit));
}

/** Of a script of few lines. */
const previewOf = ({ envelope: { command, args, script } }: SessionDetail) => ({
  argv: [...command, ...args],
  script: script === '' ? null : script.split('\n').slice(0, 3).join('\n').replace(/\n$/, ''),
  whole: script.split('\n').length <= 4,
});

function factsOf({ detail, policy }: StoredSession): ReviewFacts {
  return {
    policy,
    requesterId: detail.requester.id,
    digest: detail.digest,
    decisions: detail.decisions.map(({ by, ...decision }) => ({ ...decision, userId: by.id })),
    people: Object.values(people).map((one) => ({ ...one, active: true })),
  };
}

function endOf({ state, exitCode, message }: StoredSession['detail']): StreamEvent {
  return streamEvent.parse({
    event: 'end',
    state,
    ...(exitCode === null ? {} : { exitCode }),
    ...(message === null ? {} : { message }),
  });
}

function send(line: WebSocket, event: StreamEvent): void {
  line.send(JSON.stringify(streamEvent.parse(event)));
  if (event.event === 'end') line.close(1000);
}

function json<T>(response: ServerResponse, schema: z.ZodType<T>, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(schema.parse(value)));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString('utf8');
}
