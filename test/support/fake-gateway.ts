/** A gateway for agents alone: the real protocol over a real WebSocket, with orders made by the test. */
import {
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  sign,
  verify,
  createPublicKey,
  type KeyObject,
} from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  agentConnectPath,
  agentFrame,
  agentProtocolVersion,
  helloBytes,
  extensionBytes,
  orderBytes,
  type AgentFrame,
  type ExitedFrame,
  type GatewayFrame,
  type Order,
} from '#shared/agent-protocol.ts';
import { sha256Hex } from '#shared/digest.ts';
import { canonicalJson, type Envelope } from '#shared/envelope.ts';
import { encodeInput, encodeSessionInput, type InputChunk } from '#shared/input-frame.ts';
import { decodeSessionOutput, type RecordedStream } from '#shared/output-frame.ts';
import type { Terminal, TerminalSize } from '#shared/terminal.ts';
import { eventually } from './eventually.ts';

export type FrameOf<T extends AgentFrame['type']> = Extract<AgentFrame, { type: T }>;

/** What arrived of one session, put together as the gateway would. */
export interface Received {
  chunks: { stream: RecordedStream; data: Buffer; at: number | undefined }[];
  /** The next byte expected; anything else is a fault of the agent and recorded in `faults`. */
  offset: number;
  frames: number;
  exited: ExitedFrame | undefined;
}

export interface OrderOptions {
  command?: string[];
  args?: string[];
  script?: string | Buffer;
  env?: Record<string, string>;
  connectionEnv?: Record<string, string>;
  maxRuntimeSeconds?: number;
  maxOutputBytes?: number;
  terminal?: Terminal;
  envelope?: Partial<Envelope>;
  /** Changes to the order, made before it is signed. */
  order?: Partial<Order>;
}

export interface SignedOrder {
  sessionId: string;
  nonce: string;
  order: string;
  signature: string;
}

/** Lines of which nothing more is taken. */
const replaced = new WeakSet<WebSocket>();

export class FakeGateway {
  readonly agent = 'default';
  readonly instanceId = randomUUID();
  readonly token = randomBytes(16).toString('hex');
  /** Frames of all connections, in order. */
  readonly frames: AgentFrame[] = [];
  readonly faults: string[] = [];
  readonly sessions = new Map<string, Received>();
  /** Acknowledge output as it comes; off to see what an agent does with a slow gateway. */
  acknowledges = true;
  /** Answered in place of a welcome. */
  refusal: { code: string; message: string } | undefined;
  connections = 0;
  /** Called with each output frame, before it is acknowledged. */
  onOutput: (sessionId: string) => void = () => undefined;
  /** Called with each other frame, before anything that came after it. */
  onFrame: (frame: AgentFrame) => void = () => undefined;
  private keys = generateKeyPairSync('ed25519');
  private readonly knownKeys = new Set<string>();
  private line: WebSocket | undefined;
  private readonly http: Server = createServer();
  private readonly sockets = new WebSocketServer({
    server: this.http,
    path: agentConnectPath,
    perMessageDeflate: false,
  });

  static async start(port = 0): Promise<FakeGateway> {
    const gateway = new FakeGateway();
    gateway.sockets.on('connection', (line) => gateway.greet(line));
    gateway.http.listen(port, '127.0.0.1');
    await once(gateway.http, 'listening');
    return gateway;
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get journalId(): string {
    return this.last('hello').journalId;
  }

  private greet(line: WebSocket): void {
    this.connections += 1;
    const nonce = randomBytes(16).toString('hex');
    line.on('error', () => undefined);
    line.on('close', () => {
      if (this.line === line) this.line = undefined;
    });
    line.on('message', (data: Buffer, isBinary) => {
      // of a line that another one has replaced, or that was cut, a gateway takes nothing more
      if (isBinary) return line === this.line ? this.take(data) : undefined;
      if (replaced.has(line)) return;
      const frame = agentFrame.parse(JSON.parse(data.toString('utf8')));
      this.frames.push(frame);
      this.onFrame(frame);
      if (frame.type === 'hello') this.answerHello(line, frame, nonce);
      if (frame.type === 'exited') this.received(frame.sessionId).exited = frame;
    });
    line.send(JSON.stringify({ type: 'challenge', protocol: agentProtocolVersion, nonce } satisfies GatewayFrame));
  }

  private answerHello(line: WebSocket, hello: FrameOf<'hello'>, nonce: string): void {
    const key = createPublicKey({ key: Buffer.from(hello.publicKey, 'base64'), format: 'der', type: 'spki' });
    const isProven = verify(null, helloBytes(nonce, hello.journalId), key, Buffer.from(hello.signature, 'base64'));
    const isKnown = this.knownKeys.has(hello.publicKey) || hello.token === this.token;
    const refusal =
      this.refusal ?? (isProven && isKnown ? undefined : { code: 'wrong_credentials', message: 'the token is wrong' });
    if (refusal !== undefined) {
      line.send(JSON.stringify({ type: 'refused', ...refusal } satisfies GatewayFrame));
      return;
    }
    this.knownKeys.add(hello.publicKey);
    this.cutLine();
    this.line = line;
    this.send({
      type: 'welcome',
      agent: this.agent,
      instanceId: this.instanceId,
      epoch: this.connections,
      gatewayKey: this.keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    });
  }

  private take(data: Buffer): void {
    const { sessionId, stream, offset, data: bytes, at } = decodeSessionOutput(data);
    const received = this.received(sessionId);
    if (offset !== received.offset) this.faults.push(`${sessionId}: offset ${offset}, expected ${received.offset}`);
    received.chunks.push({ stream, data: bytes, at });
    received.offset = offset + bytes.length;
    received.frames += 1;
    this.onOutput(sessionId);
    if (this.acknowledges) this.ack(sessionId);
  }

  received(sessionId: string): Received {
    const known = this.sessions.get(sessionId) ?? { chunks: [], offset: 0, frames: 0, exited: undefined };
    this.sessions.set(sessionId, known);
    return known;
  }

  output(sessionId: string, stream: RecordedStream): Buffer {
    const chunks = this.received(sessionId).chunks.filter((chunk) => chunk.stream === stream);
    return Buffer.concat(chunks.map((chunk) => chunk.data));
  }

  ack(sessionId: string, offset = this.received(sessionId).offset): void {
    this.send({ type: 'ack', sessionId, offset });
  }

  send(frame: GatewayFrame): void {
    this.line?.send(JSON.stringify(frame));
  }

  makeOrder(options: OrderOptions = {}, signingKey: KeyObject = this.keys.privateKey): SignedOrder {
    const sessionId = options.order?.sessionId ?? randomUUID();
    const envelope = canonicalJson({ ...this.envelope(sessionId, options), ...options.envelope });
    const order: Order = {
      sessionId,
      agent: this.agent,
      instanceId: this.instanceId,
      journalId: this.journalId,
      nonce: randomBytes(16).toString('hex'),
      acceptBefore: new Date(Date.now() + 60_000).toISOString(),
      digest: sha256Hex(envelope),
      envelope,
      connectionEnv: options.connectionEnv ?? {},
      ...options.order,
    };
    const text = canonicalJson(order);
    const signature = sign(null, orderBytes(text), signingKey).toString('base64');
    return { sessionId, nonce: order.nonce, order: text, signature };
  }

  private envelope(sessionId: string, options: OrderOptions): Envelope {
    return {
      version: 1,
      sessionId,
      kind: 'exec',
      envelopeVersion: 1,
      connection: {
        name: 'bash',
        version: 1,
        command: options.command ?? ['bash'],
        envNames: Object.keys(options.connectionEnv ?? {}),
      },
      agent: this.agent,
      script: Buffer.from(options.script ?? '').toString('base64'),
      args: options.args ?? [],
      env: options.env ?? {},
      requester: { id: randomUUID(), email: 'dev@example.com' },
      reason: '',
      policy: { groups: [], minApprovals: 0, distinctReviewers: false, forceApproveGroups: [] },
      maxRuntimeSeconds: options.maxRuntimeSeconds ?? 0,
      maxOutputBytes: options.maxOutputBytes ?? 64 * 1024 * 1024,
      ...(options.terminal && { terminal: options.terminal }),
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
      salt: randomBytes(16).toString('base64'),
    };
  }

  sendOrder({ order, signature, sessionId }: SignedOrder, fromOffset = this.received(sessionId).offset): void {
    this.send({ type: 'order', order, signature, fromOffset });
  }

  /** Tells the agent that the grant of a run lasts so long from now on. */
  extend(
    { sessionId, nonce }: SignedOrder,
    runSeconds: number,
    grantUntil: string,
    signingKey: KeyObject = this.keys.privateKey,
  ): void {
    const extension = canonicalJson({ sessionId, nonce, runSeconds, grantUntil });
    const signature = sign(null, extensionBytes(extension), signingKey).toString('base64');
    this.send({ type: 'extend', sessionId, extension, signature });
  }

  attach(sessionId: string, client: string, { columns, rows }: TerminalSize): void {
    this.send({ type: 'attach', sessionId, client, columns, rows });
  }

  sendInput(sessionId: string, input: InputChunk): void {
    this.line?.send(encodeSessionInput(sessionId, encodeInput(input)));
  }

  /** How far the input of a client was taken, as the agent said last; undefined before it said anything. */
  acknowledged(sessionId: string, client: string): number | undefined {
    const acks = this.of('input_ack').filter((ack) => ack.sessionId === sessionId && ack.client === client);
    return acks.at(-1)?.offset;
  }

  /** Makes and sends an order; the id of its session. */
  run(options: OrderOptions): string {
    const order = this.makeOrder(options);
    this.sendOrder(order);
    return order.sessionId;
  }

  /** Runs a command and waits for its end. */
  async runToEnd(options: OrderOptions): Promise<ExitedFrame & { stdout: string; stderr: string }> {
    const sessionId = this.run(options);
    const exited = await this.ended(sessionId);
    const text = (stream: 'stdout' | 'stderr') => this.output(sessionId, stream).toString('utf8');
    return { ...exited, stdout: text('stdout'), stderr: text('stderr') };
  }

  ended(sessionId: string, deadlineMs = 45_000): Promise<ExitedFrame> {
    return eventually(() => this.received(sessionId).exited, {
      deadlineMs,
      everyMs: 2,
      describe: () => `the end of ${sessionId}; ${this.received(sessionId).offset} bytes so far, ${this.framesSeen()}`,
    });
  }

  /** The first frame of a type that fits, past or future. */
  waitFor<T extends AgentFrame['type']>(
    type: T,
    fits: (frame: FrameOf<T>) => boolean = () => true,
    deadlineMs = 30_000,
  ): Promise<FrameOf<T>> {
    return eventually(() => this.of(type).find(fits), {
      deadlineMs,
      everyMs: 2,
      describe: () => `a frame ${type}; ${this.framesSeen()}`,
    });
  }

  of<T extends AgentFrame['type']>(type: T): FrameOf<T>[] {
    return this.frames.filter((frame): frame is FrameOf<T> => frame.type === type);
  }

  last<T extends AgentFrame['type']>(type: T): FrameOf<T> {
    const frame = this.of(type).at(-1);
    if (frame === undefined) throw new Error(`no frame ${type} yet; ${this.framesSeen()}`);
    return frame;
  }

  private framesSeen(): string {
    return `frames: ${this.frames.map((frame) => frame.type).join(' ')}`;
  }

  /** Waits for the next welcome and journal of an agent. */
  async nextJournal(work: () => void | Promise<void>): Promise<FrameOf<'journal'>> {
    const before = this.of('journal').length;
    await work();
    await eventually(() => this.of('journal').length > before, {
      everyMs: 5,
      describe: () => `a new journal; ${this.framesSeen()}`,
    });
    return this.last('journal');
  }

  /** Cuts the line without a word, as a broken network does. */
  cutLine(): void {
    if (this.line === undefined) return;
    replaced.add(this.line);
    this.line.terminate();
    this.line = undefined;
  }

  /** From now on the gateway shows another key. */
  changeKey(): void {
    this.keys = generateKeyPairSync('ed25519');
  }

  async stop(): Promise<void> {
    for (const line of this.sockets.clients) line.terminate();
    this.sockets.close();
    this.http.close();
    await once(this.http, 'close');
  }
}
