/** From the request to its end: shows what happens, hands on the output, and takes Ctrl-C. */
import { paths } from '#shared/api-paths.ts';
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { exitCodes, HoopError } from '#shared/errors.ts';
import type { OutputChunk } from '#shared/output-frame.ts';
import { isEndState, waitsToRun } from '#shared/session-states.ts';
import type { EndEvent, InputEvent, StateEvent, StreamEvent } from '#shared/stream-events.ts';
import type { ApiClient } from '../client.ts';
import { reportError, say } from '../terminal.ts';
import { retrying } from './retry.ts';
import type { Sink } from './sink.ts';
import { SessionStream } from './stream.ts';
import { endText, exitStatus, needsDetail, type OwnPart } from './verdict.ts';
import {
  approvedText,
  changes,
  isUnderReview,
  offlineText,
  reattach,
  standingOf,
  waitingBlock,
  type Standing,
} from './words.ts';

export interface FollowOptions {
  silent: boolean;
  timeoutGiven: boolean;
  /** For the approval, from now on; milliseconds. */
  waitMs: number | null;
  /** Where hoop's own words go; stderr unless told. */
  say?: (text: string) => void;
  /** The gateway does not let it follow; that is said next. */
  onRefused?: () => void;
  /** Its end has come; that is said next. */
  onEnd?: () => void;
  /** Each state, once what it means was said. */
  onState?: (event: StateEvent) => void;
  /** The byte of the recording to begin at. */
  offset?: number;
  /** Whoever types into it. */
  keys?: {
    /** A line is there; `send` goes over it. */
    opened(send: SessionStream['send']): void;
    lost(): void;
    taken(event: InputEvent): void;
  };
  /** Another follows beside this one, and says how the line is. */
  isBeside?: () => boolean;
}

const withdrawTriesMs = 10_000;
const withdrawnWithinMs = 10_000;
const detailWithinMs = 3000;
/** What needs no review starts in a moment; whoever waits longer wants to know for what. */
const slowStartMs = 3000;

export class Follower {
  private readonly client: ApiClient;
  private readonly view: SessionView;
  private readonly sink: Sink;
  private readonly options: FollowOptions;
  private readonly stream: SessionStream;
  private readonly own: OwnPart;
  private standing: Standing;
  private lastEvent = '';
  private sessionShown = false;
  private ending = false;
  private waitIsOver = false;
  private interrupts = 0;
  private outputBegan = false;
  private lineLost = false;
  private timers: NodeJS.Timeout[] = [];
  private settle: (status: number) => void = () => undefined;

  constructor(client: ApiClient, view: SessionView, sink: Sink, options: FollowOptions) {
    this.client = client;
    this.view = view;
    this.sink = sink;
    this.options = options;
    const what = view.kind === 'exec' ? 'command' : view.grant === null ? 'grant' : 'extension';
    this.own = { what, withdrew: null, timeoutGiven: options.timeoutGiven };
    this.standing = standingOf(view);
    const { keys, offset } = options;
    this.stream = new SessionStream(
      client,
      view.id,
      {
        event: (event) => this.onEvent(event),
        output: (chunk) => this.onOutput(chunk),
        lost: () => this.onLost(),
        back: () => this.onBack(),
        opened: () => keys?.opened((message) => this.stream.send(message)),
        refused: (error) => this.onRefused(error),
      },
      offset,
    );
  }

  /** Resolves with the exit status. */
  run(): Promise<number> {
    const ended = new Promise<number>((resolve) => (this.settle = resolve));
    this.sayWaiting();
    this.stream.open();
    if (this.options.waitMs !== null) {
      this.after(this.options.waitMs, () => {
        this.waitIsOver = true;
        this.checkWait();
      });
    }
    return ended;
  }

  /** Follows no longer; what it follows goes on. */
  stop(): void {
    this.finish(exitCodes.ok);
  }

  /** Ctrl-C: withdraws what waits, interrupts what runs; once more leaves without either. */
  onInterrupt(): void {
    if (this.ending) return this.leave();
    if (this.own.withdrew === 'ctrl-c' || this.interrupts > 0) return this.detach();
    if (this.standing.state === 'running') return this.interruptCommand();
    if (waitsToRun(this.standing.state)) return void this.withdraw('ctrl-c');
    this.leave();
  }

  private onEvent(event: Exclude<StreamEvent, { event: 'output' }>): void {
    if (event.event === 'end') return void this.onEnd(event);
    if (event.event === 'input') return this.options.keys?.taken(event);
    // A resumed line begins anew with what is known already.
    const text = JSON.stringify(event);
    if (text === this.lastEvent || (event.event === 'session' && this.sessionShown)) return;
    this.lastEvent = text;
    if (event.event === 'session') this.sessionShown = true;
    void this.sink.event(event);
    if (event.event === 'state') this.onState(event);
  }

  private onState(event: StateEvent): void {
    if (this.ending || isEndState(event.state)) return;
    const before = this.standing;
    this.standing = {
      ...before,
      state: event.state,
      message: event.message ?? null,
      ...(event.groups ? { groups: event.groups } : {}),
      ...(event.approvals === undefined ? {} : { approvals: event.approvals }),
      ...(event.approvalsNeeded === undefined ? {} : { approvalsNeeded: event.approvalsNeeded }),
      ...(event.askedIn ? { askedIn: event.askedIn } : {}),
      ...(event.asked ? { asked: event.asked } : {}),
      ...(event.agent ? { agent: event.agent } : {}),
      ...(event.expiresAt ? { expiresAt: event.expiresAt } : {}),
    };
    if (before.state === 'pending' && event.state !== 'pending') this.sayApproved(event);
    // of the agent, too, the other one tells
    if (!this.options.isBeside?.()) for (const line of changes(before, this.standing, this.view)) this.tell(line);
    // The approval won the race against Ctrl-C.
    if (event.state === 'running' && this.own.withdrew === 'ctrl-c' && this.interrupts === 0) this.interruptCommand();
    this.checkWait();
    if (this.own.withdrew === null) this.options.onState?.(event);
  }

  private onOutput(chunk: OutputChunk): Promise<unknown> | undefined {
    this.outputBegan = true;
    return this.sink.output(chunk);
  }

  private async onEnd(end: EndEvent): Promise<void> {
    if (this.ending) return;
    this.ending = true;
    this.stream.close();
    void this.sink.event(end);
    this.options.onEnd?.();
    const detail = needsDetail(end, this.own) && !this.options.silent ? await this.detail() : null;
    const text = endText(end, this.own, detail);
    if (text !== null) this.tell(text);
    this.finish(exitStatus(end, this.own));
  }

  private onLost(): void {
    this.options.keys?.lost();
    if (this.options.isBeside?.()) return;
    this.lineLost = true;
    const { state } = this.standing;
    const kept = waitsToRun(state) ? 'the request stays' : 'the grant stays';
    const runs = this.view.terminal ? 'the terminal goes on' : 'the command goes on';
    const what = state === 'running' ? runs : kept;
    this.tell(`The line to the gateway broke; ${what}. Reconnecting...`);
  }

  private onBack(): void {
    if (this.lineLost) this.tell('Reconnected.');
    this.lineLost = false;
  }

  private onRefused(error: HoopError): void {
    if (this.options.isBeside?.()) return this.finish(error.exit);
    this.options.onRefused?.();
    const status = reportError(error);
    if (error.code === 'not_signed_in') {
      this.tell(`The session goes on. Sign in with: hoop login, then reattach: ${reattach(this.view)}`);
    }
    this.finish(status);
  }

  private sayWaiting(): void {
    const { state, agent } = this.standing;
    if (isUnderReview(this.standing)) return this.tell(waitingBlock(this.view, this.standing));
    if (!waitsToRun(state)) return;
    if (!agent.online) return this.tell(offlineText(this.standing, this.view));
    this.after(slowStartMs, () => {
      if (!waitsToRun(this.standing.state) || isUnderReview(this.standing)) return;
      this.tell(`It has not started yet (${this.standing.state}). Reattach: ${reattach(this.view)}`);
    });
  }

  private sayApproved(event: StateEvent): void {
    const text = event.groups ? approvedText(this.standing) : null;
    if (text !== null) return this.tell(text);
    if (this.standing.groups.length === 0 || this.options.silent) return;
    void this.sayWhoApproved();
  }

  /** Who it was stands in the session; the output does not wait for that. */
  private async sayWhoApproved(): Promise<void> {
    const detail = await this.detail();
    if (!detail || this.ending || this.outputBegan) return;
    const people = new Set(
      detail.decisions.filter((d) => d.verdict === 'approve' && d.digest === detail.digest).map((d) => d.by.email),
    );
    if (people.size > 0) this.tell(`Approved by ${[...people].join(', ')}${detail.review.forced ? ' (forced)' : ''}.`);
  }

  private checkWait(): void {
    if (!this.waitIsOver || !isUnderReview(this.standing) || this.own.withdrew !== null) return;
    void this.withdraw('wait');
  }

  private async withdraw(why: 'ctrl-c' | 'wait'): Promise<void> {
    this.own.withdrew = why;
    this.tell(
      why === 'ctrl-c' ? 'Withdrawing the request...' : 'No approval within --wait; withdrawing the request...',
    );
    const reason = why === 'ctrl-c' ? 'withdrawn with Ctrl-C' : 'no approval within --wait';
    try {
      await retrying(() => this.client.post<SessionDetail>(paths.cancel(this.view.id), { reason }), {
        forMs: withdrawTriesMs,
        isStopped: () => this.ending,
      });
    } catch (error) {
      return this.notWithdrawn(why, error);
    }
    // The end comes over the stream; a line that is down must not hold up who wants to leave.
    this.after(withdrawnWithinMs, () => {
      if (this.ending || this.standing.state === 'running') return;
      this.tell(`Withdrawal is recorded, its end is not confirmed yet. See: hoop sessions show ${this.view.id}`);
      this.finish(why === 'ctrl-c' ? exitCodes.interrupted : exitCodes.expired);
    });
  }

  private notWithdrawn(why: 'ctrl-c' | 'wait', error: unknown): void {
    if (this.ending) return;
    const code = error instanceof HoopError ? error.code : 'internal';
    if (code === 'session_ended') return; // Its end is on the way here.
    if (code === 'session_already_running') {
      this.own.withdrew = null;
      this.waitIsOver = false;
      this.tell('It was approved and runs already.');
      if (why === 'ctrl-c' && this.interrupts === 0) this.interruptCommand();
      return;
    }
    reportError(error);
    this.tell(`The request is not withdrawn. Withdraw it later: hoop sessions cancel ${this.view.id}`);
    const unavailable = code === 'unavailable' ? exitCodes.unavailable : exitCodes.expired;
    this.finish(why === 'ctrl-c' ? exitCodes.interrupted : unavailable);
  }

  private interruptCommand(): void {
    this.interrupts += 1;
    this.stream.interrupt();
    this.tell('Interrupting the command. Ctrl-C again detaches from it.');
  }

  private detach(): void {
    const what =
      this.own.withdrew === null ? 'Detached; the command goes on.' : 'Left before the withdrawal is confirmed.';
    this.tell(`${what} Reattach: ${reattach(this.view)}`);
    this.leave();
  }

  /** At once: whoever presses Ctrl-C twice does not wait for a reader that does not read. */
  private leave(): void {
    process.exit(exitCodes.interrupted);
  }

  private finish(status: number): void {
    this.ending = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.stream.close();
    this.settle(status);
  }

  private detail(): Promise<SessionDetail | null> {
    return this.client.get<SessionDetail>(paths.session(this.view.id), { timeoutMs: detailWithinMs }).catch(() => null); // The sentence is shorter without it, and true.
  }

  private after(ms: number, then: () => void): void {
    // Longer than a timer can hold is as good as never.
    if (ms < 2 ** 31) this.timers.push(setTimeout(then, ms));
  }

  private tell(text: string): void {
    if (!this.options.silent) (this.options.say ?? say)(text);
  }
}
