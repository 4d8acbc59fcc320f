/** The REST API and the stream as a script uses them, over one kept connection, with the moments of what happens. */
import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';
import type { ConnectionInput, SessionDetail, SessionView, UserInput } from '#shared/api-schemas.ts';
import { paths } from '#shared/api-paths.ts';
import { binarySubprotocol } from '#shared/stream-protocol.ts';
import type { Terminal } from '#shared/terminal.ts';
import { now } from './clock.ts';

export interface Api {
  createSession(id: string, connection: string, script: string): Promise<SessionView>;
  /** A grant of connect on `connection`, for as long as it gives without being asked. */
  createGrant(id: string, connection: string): Promise<SessionView>;
  /** A terminal under a grant that is active. */
  createTerminal(id: string, connection: string, grant: string, terminal: Terminal): Promise<SessionView>;
  session(id: string): Promise<SessionDetail>;
  cancel(id: string): Promise<unknown>;
  /** Gives the moment at which the request left, and the one of its answer. */
  approve(id: string, digest: string): Promise<{ sent: number; answered: number }>;
  reject(id: string, digest: string): Promise<{ sent: number; answered: number }>;
  /** What waits for a decision, the first so many. */
  reviews(limit: number): Promise<SessionView[]>;
  saveUser(user: Partial<UserInput> & Pick<UserInput, 'email'>): Promise<void>;
  saveConnection(connection: Partial<ConnectionInput> & Pick<ConnectionInput, 'name'>): Promise<void>;
  /** Opens the session's stream; resolves once its first event is here. */
  watch(id: string): Promise<Watched>;
  /** The socket of the session's stream, binary, as the CLI opens it; it may not be open yet. */
  stream(id: string): WebSocket;
}

export interface Watched {
  /** The moment of the first byte of output. */
  firstOutput: Promise<number>;
  ended: Promise<void>;
}

/** With the password, or with a token that there is already. */
export type Credentials = { email: string; password: string } | { token: string };

/** Calls above `maxSockets` wait for one another. */
export async function signIn(apiUrl: string, credentials: Credentials, maxSockets = 1): Promise<Api> {
  const agent = new Agent({ keepAlive: true, maxSockets });
  let token = 'token' in credentials ? credentials.token : undefined;

  function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      const payload = body === undefined ? '' : JSON.stringify(body);
      const headers = {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      };
      const sending = request(apiUrl + path, { method, agent, headers }, (response) => {
        let text = '';
        response.on('data', (data: Buffer) => (text += data.toString()));
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(JSON.parse(text) as T);
          else reject(new Error(`${method} ${path}: ${status} ${text}`));
        });
      });
      sending.on('error', reject);
      sending.end(payload);
    });
  }

  function stream(id: string): WebSocket {
    const url = new URL(paths.stream(id, 0), apiUrl.replace(/^http/, 'ws'));
    return new WebSocket(url, [binarySubprotocol], {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
    });
  }

  async function decide(id: string, decision: object): Promise<{ sent: number; answered: number }> {
    const sent = now();
    await call('POST', paths.decisions(id), decision);
    return { sent, answered: now() };
  }

  token ??= (await call<{ token: string }>('POST', paths.login, { ...credentials, kind: 'cli' })).token;
  return {
    createSession: (id, connection, script) =>
      call('POST', paths.sessions, { id, connection, kind: 'exec', script, args: [], env: {} }),
    createGrant: (id, connection) => call('POST', paths.sessions, { id, connection, kind: 'connect' }),
    createTerminal: (id, connection, grant, terminal) =>
      call('POST', paths.sessions, { id, connection, kind: 'exec', grant, terminal }),
    session: (id) => call('GET', paths.session(id)),
    cancel: (id) => call('POST', paths.cancel(id), {}),
    approve: (id, digest) => decide(id, { verdict: 'approve', digest }),
    reject: (id, digest) => decide(id, { verdict: 'reject', digest, reason: 'for the bench' }),
    reviews: (limit) => call('GET', `${paths.reviews}?limit=${limit}`),
    saveUser: (user) => call('POST', paths.users, user),
    saveConnection: (connection) => call('POST', paths.connections, connection),
    async watch(id) {
      const socket = stream(id);
      const firstOutput = new Promise<number>((resolve, reject) => {
        socket.on('message', (_data, isBinary) => isBinary && resolve(now()));
        socket.once('close', () => reject(new Error(`the stream of ${id} ended without output`)));
      });
      firstOutput.catch(() => undefined); // Reported to whoever awaits it.
      const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      await new Promise<void>((resolve, reject) => {
        socket.once('message', () => resolve());
        socket.once('error', reject);
      });
      return { firstOutput, ended };
    },
    stream,
  };
}
