/** `hoop connect` on a terminal: the command of the connection in a terminal of its own, and this one handed over to it. */
import { randomUUID } from 'node:crypto';
import { terminalType } from '#config/cli.ts';
import type { SessionView } from '#shared/api-schemas.ts';
import { exitCodes } from '#shared/errors.ts';
import { Keyboard } from '#shared/keyboard.ts';
import { isOutput } from '#shared/output-frame.ts';
import { Follower } from '../exec/follow.ts';
import type { Sink } from '../exec/sink.ts';
import type { SessionStream } from '../exec/stream.ts';
import { submit } from '../exec/submit.ts';
import { LocalTerminal } from '../screen/local-terminal.ts';
import { say } from '../terminal.ts';
import { EscapeKeys } from './escape-keys.ts';
import type { GrantLine } from './grant-line.ts';
import { Notices } from './notices.ts';
import type { Surroundings } from './run.ts';
import { leaveText, leftText, escapeHelp } from './words.ts';

/** What waits for the end of others may take a moment; whoever waits longer wants to know for what. */
const slowEndMs = 1000;
const leftOnHangup = 129;

/** A new one under the grant; gives the exit status. Rejects with what the gateway says of one that cannot be. */
export async function openTerminal(view: SessionView, grant: GrantLine, around: Surroundings): Promise<number> {
  const { client, ctrlC, silent } = around;
  ctrlC.startsAnew(() => (ctrlC.count > 1 ? process.exit(exitCodes.interrupted) : undefined));
  const { id, connection } = view;
  const terminal = { type: terminalType(), ...LocalTerminal.size() };
  const request = { id: randomUUID(), connection, kind: 'exec', grant: id, terminal } as const;
  const session = await submit(client, request, silent, ctrlC);
  if (session === null) return exitCodes.interrupted;
  return new TerminalLine(session, view, grant, around).run();
}

export interface TakenUp {
  /** What stands on its screen. */
  screen: Buffer;
  /** The byte of the recording that follows it. */
  offset: number;
}

/** One that runs: its screen is drawn again first. */
export async function resumeTerminal(
  session: SessionView,
  view: SessionView,
  grant: GrantLine,
  around: Surroundings,
  taken: TakenUp,
): Promise<number> {
  return new TerminalLine(session, view, grant, around, taken).run();
}

class TerminalLine {
  private readonly session: SessionView;
  private readonly grantView: SessionView;
  private readonly grant: GrantLine;
  private readonly around: Surroundings;
  private readonly taken: TakenUp | undefined;
  private readonly local: LocalTerminal;
  private readonly notices: Notices;
  private readonly follower: Follower;
  private readonly escapes = new EscapeKeys();
  private readonly keyboard: Keyboard;
  private send: SessionStream['send'] = () => false;
  private opened = false;
  /** Set once it is left to itself. */
  private leftWith: number | undefined;

  constructor(session: SessionView, view: SessionView, grant: GrantLine, around: Surroundings, taken?: TakenUp) {
    this.session = session;
    this.grantView = view;
    this.grant = grant;
    this.around = around;
    this.taken = taken;
    this.keyboard = new Keyboard(randomUUID(), (frame) => this.send(frame));
    this.local = new LocalTerminal({
      onInput: (data) => this.onTyped(data),
      onGone: () => this.leave(leftOnHangup),
      onSignal: () => this.tell(leftText(session, this.grant.until)),
    });
    this.notices = new Notices(this.local);
    grant.say = (text) => this.notices.say(text);
    const sink: Sink = { output: (chunk) => this.onOutput(chunk), event: () => undefined };
    this.follower = new Follower(around.client, session, sink, {
      silent: around.silent,
      waitMs: null,
      timeoutGiven: false,
      say: (text) => this.notices.say(text),
      onState: ({ state }) => state === 'running' && this.open(),
      onRefused: () => this.close(),
      onEnd: () => this.close(),
      ...(taken && { offset: taken.offset }),
      keys: {
        opened: (send) => this.onLine(send),
        lost: () => this.keyboard.lineChanged(),
        taken: (event) => {
          this.keyboard.onInput(event);
          this.paceTyping();
        },
      },
    });
  }

  async run(): Promise<number> {
    const { ctrlC } = this.around;
    process.stdout.on('resize', this.onResize);
    try {
      const ended = this.follower.run();
      ctrlC.goesTo(() => this.follower.onInterrupt());
      if (ctrlC.count > 0) this.follower.onInterrupt();
      const status = await ended;
      this.close();
      return await this.afterwards(status);
    } finally {
      process.stdout.off('resize', this.onResize);
      this.close();
    }
  }

  private async afterwards(status: number): Promise<number> {
    const { grantView: view, grant } = this;
    if (this.leftWith !== undefined) {
      this.tell(leftText(this.session, grant.until));
      return this.leftWith;
    }
    // why it is over is said of the grant
    if (status === exitCodes.refused && (grant.isOver || grant.isAboutOver)) await theEnd(grant, this.around);
    else if (this.opened && !grant.isOver) this.tell(leaveText(view, grant.until));
    return status;
  }

  /** It runs: from now on each key is its own. */
  private open(): void {
    if (this.opened || this.leftWith !== undefined) return;
    this.opened = true;
    this.around.ctrlC.goesTo(() => undefined);
    this.local.open();
    if (this.taken) this.local.write(this.taken.screen);
  }

  private close(): void {
    this.local.close();
    this.notices.afterClose();
    this.grant.say = say;
  }

  private onLine(send: SessionStream['send']): void {
    this.send = send;
    this.keyboard.lineChanged();
    send({ command: 'attach', client: this.keyboard.client, ...LocalTerminal.size() });
  }

  private readonly onResize = (): void => {
    this.send({ command: 'resize', ...LocalTerminal.size() });
  };

  private onOutput(chunk: Parameters<Sink['output']>[0]): Promise<unknown> | undefined {
    if (!isOutput(chunk)) return undefined;
    this.open();
    const room = this.local.write(chunk.data);
    this.notices.afterOutput();
    return room;
  }

  private onTyped(data: Buffer): void {
    for (const typed of this.escapes.take(data)) {
      if ('pass' in typed) this.keyboard.type(typed.pass);
      else if (typed.key === 'leave') return this.leave(exitCodes.ok);
      else this.notices.say(escapeHelp);
    }
    this.paceTyping();
  }

  /** What cannot be sent yet waits where it is typed. */
  private paceTyping(): void {
    if (!this.local.isOpen || this.keyboard.isFull === process.stdin.isPaused()) return;
    if (this.keyboard.isFull) process.stdin.pause();
    else process.stdin.resume();
  }

  /** It goes on without anybody. */
  private leave(status: number): void {
    if (this.leftWith !== undefined) return;
    this.leftWith = status;
    this.close();
    this.follower.stop();
  }

  private tell(text: string): void {
    if (!this.around.silent) say(text);
  }
}

async function theEnd(grant: GrantLine, { ctrlC, silent }: Surroundings): Promise<void> {
  ctrlC.startsAnew(() => process.exit(exitCodes.refused));
  const slow = setTimeout(() => {
    if (!silent) say('The grant is over; what still runs under it is being stopped. Ctrl-C leaves.');
  }, slowEndMs);
  await grant.ended.finally(() => clearTimeout(slow));
}
