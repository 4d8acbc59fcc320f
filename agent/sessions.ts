/**
 * The sessions this agent holds: orders become journal entries, then commands of the runner; output and ends go to the
 * gateway. What has happened to a run is always taken from its runner, or from its spool once the runner is gone.
 */
import { createPublicKey } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { Logger } from 'pino';
import type { GatewayFrame, Order } from '#shared/agent-protocol.ts';
import { HoopError } from '#shared/errors.ts';
import { decodeSessionInput } from '#shared/input-frame.ts';
import { baseAs, commandOf, type CommandBase } from './command.ts';
import { errorText } from './files.ts';
import type { GatewayLink, Welcome } from './gateway-link.ts';
import { spoolPath, type AgentHome } from './home.ts';
import type { Journal } from './journal.ts';
import { userToRunAs } from './machine-user.ts';
import {
  readExtension,
  readOrder,
  refuseLate,
  verifyOrder,
  type CheckedOrder,
  type ExtendFrame,
  type OrderContext,
  type OrderFrame,
} from './order.ts';
import type { ProcessMark } from './process-mark.ts';
import { createRun, type Run } from './run.ts';
import type { RunnerClient } from './runner-client.ts';
import type { RunnerPool } from './runner-pool.ts';
import type { Command, RunnerRef, RunState } from './runner-protocol.ts';
import { startTransfer } from './session-transfer.ts';
import { inspectSpool } from './spool.ts';

export interface Sessions {
  connected(link: GatewayLink, welcome: Welcome): void;
  disconnected(): void;
  frame(frame: GatewayFrame): void;
  /** Somebody typed: as `encodeSessionInput` gives it. */
  input(frame: Buffer): void;
  runnerConnected(client: RunnerClient): void;
  runChanged(state: RunState): void;
  startNotTaken(sessionId: string): void;
  inputTaken(sessionId: string, client: string, offset: number): void;
  /** Whether a run that is not over belongs to this runner. */
  needs(ref: RunnerRef): boolean;
  runnerGone(ref: RunnerRef): Promise<void>;
  /**
   * From now on orders are handed back, so that another instance gets them. Resolves once the gateway knows, and what
   * it had sent before is dealt with.
   */
  drain(): Promise<void>;
  /** Resolves when no run is left that the gateway would have to hear of. */
  idle(): Promise<void>;
  /** Resolves when every end that can be sent has been. */
  settled(): Promise<void>;
}

export interface SessionsDeps {
  home: AgentHome;
  journal: Journal;
  runners: () => Pick<RunnerPool, 'current' | 'client'>;
  base: CommandBase;
  now(): number;
  log: Logger;
}

/** Grace of a command that runs on though the gateway has forgotten it. */
const forgottenGraceMs = 3_000;
/** A gateway that does not answer in this time finds out by itself that the agent is gone. */
const toldWithinMs = 2_000;

export function createSessions({ home, journal, runners, base, now, log }: SessionsDeps): Sessions {
  const runs = new Map<string, Run>();
  /** Orders, stops and forgets of one session are taken one after the other. */
  const turns = new Map<string, Promise<void>>();
  /** Until when the grants of runs last, as the gateway said. */
  const untils = new WeakMap<Run, string>();
  let isDraining = false;
  const onIdle: (() => void)[] = [];
  let live: { link: GatewayLink; context: OrderContext } | undefined;

  for (const entry of journal.runs()) runs.set(entry.sessionId, createRun(entry));

  function inTurn(sessionId: string, work: () => void | Promise<void>): void {
    const before = turns.get(sessionId) ?? Promise.resolve();
    const turn = before
      .then(work)
      .catch((error: unknown) => log.error({ err: error, sessionId }, 'a frame could not be handled'));
    turns.set(sessionId, turn);
    void turn.then(() => turns.get(sessionId) === turn && turns.delete(sessionId));
  }

  async function takeOrder(frame: OrderFrame, order: Order): Promise<void> {
    if (live === undefined) return; // the next connection brings it again
    try {
      const checked = verifyOrder(frame, order, live.context);
      const run = runs.get(order.sessionId) ?? (await accept(checked));
      if (run.entry.nonce !== order.nonce) {
        throw new HoopError('run_consumed', 'This agent has accepted another order for the session; it runs once.');
      }
      live?.link.send({ type: 'accepted', sessionId: order.sessionId, nonce: order.nonce });
      if (!run.isKnownToRunner && !run.isOver()) {
        await startAccepted(run, checked);
      } else if (order.runSeconds !== undefined) limit(run, order.runSeconds, order.grantUntil);
      attach(run, frame.fromOffset);
    } catch (error) {
      refuse(order, error);
    }
  }

  /**
   * Its runner may have been told of it by an agent process before this one: what fails now is no refusal, which would
   * say that nothing ran.
   */
  async function startAccepted(run: Run, checked: CheckedOrder): Promise<void> {
    const { sessionId } = run.entry;
    try {
      run.command ??= await commandFor(checked);
    } catch (error) {
      log.error({ err: error, sessionId }, 'a run that was accepted before cannot be started');
      // then it never starts, and its end is told as that of any run
      if (!run.isKnownToRunner) runners().client(run.entry.runner)?.stop(sessionId, 0);
      return;
    }
    runners().client(run.entry.runner)?.start(sessionId, run.command);
  }

  /** The grant that it runs under lasts longer: the clock of its limit starts anew, and is never set back. */
  function limit(run: Run, seconds: number, until = ''): void {
    if (run.isOver() || until <= (untils.get(run) ?? '')) return;
    untils.set(run, until);
    runners().client(run.entry.runner)?.limit(run.entry.sessionId, seconds);
  }

  function takeExtension(frame: ExtendFrame): void {
    const run = runs.get(frame.sessionId);
    const extension = live && run && readExtension(frame, live.context);
    if (!run || extension?.sessionId !== frame.sessionId || extension.nonce !== run.entry.nonce)
      return log.warn({ sessionId: frame.sessionId }, 'an extension that is not of this run was ignored');
    limit(run, extension.runSeconds, extension.grantUntil);
  }

  async function commandFor({ order, envelope }: CheckedOrder): Promise<Command> {
    if (envelope.runAs === undefined) return commandOf(envelope, order, base);
    return commandOf(envelope, order, baseAs(base, await userToRunAs(envelope.runAs), userInfo().uid));
  }

  /** The journal has it, synced, before any runner hears of it. */
  async function accept(checked: CheckedOrder): Promise<Run> {
    const { order } = checked;
    const { sessionId, nonce, digest, acceptBefore } = order;
    if (journal.isForgotten(sessionId)) {
      throw new HoopError('run_consumed', 'The session has already run here and was reported.');
    }
    const command = await commandFor(checked);
    const { ref } = await runners().current();
    refuseLate(order, now()); // after the wait for a runner
    if (isDraining) throw new HoopError('agent_draining', 'The agent is being stopped; another instance takes it.');
    const entry = { sessionId, nonce, digest, acceptBefore, runner: ref, process: null };
    journal.accept(entry);
    log.info({ sessionId }, 'order accepted');
    const run = createRun(entry);
    run.command = command;
    runs.set(sessionId, run);
    // its runner may have gone in the meantime, and was not reported as this run's
    if (runners().client(ref) === undefined) void recheck(run);
    return run;
  }

  function refuse(order: Order, error: unknown): void {
    const { sessionId, nonce } = order;
    const code = error instanceof HoopError ? error.code : 'agent_refused';
    const message =
      error instanceof HoopError ? error.message : `The agent could not take the order: ${errorText(error)}.`;
    log.warn({ sessionId, code }, `order refused: ${message}`);
    live?.link.send({ type: 'order_refused', sessionId, nonce, code, message: message.slice(0, 2000) });
  }

  function attach(run: Run, fromOffset: number): void {
    if (live === undefined) return;
    const { sessionId, nonce } = run.entry;
    run.transfer?.close();
    run.transfer = startTransfer({
      sessionId,
      nonce,
      spoolPath: spoolPath(home, sessionId),
      fromOffset,
      link: live.link,
      view: run.view,
      log: log.child({ sessionId }),
    });
  }

  function forget(sessionId: string): void {
    const run = runs.get(sessionId);
    if (run === undefined) return;
    const runner = runners().client(run.entry.runner);
    if (!run.isOver()) {
      log.warn({ sessionId }, 'the gateway forgot a session that is still here; it is stopped');
      runner?.stop(sessionId, forgottenGraceMs);
    }
    journal.forget(sessionId);
    runs.delete(sessionId);
    run.transfer?.close();
    runner?.forget(sessionId);
    // it may be large; one that is left behind is removed at the next start
    rm(spoolPath(home, sessionId), { force: true }).catch((error: unknown) =>
      log.warn({ err: error, sessionId }, 'a spool could not be removed'),
    );
    if (runs.size === 0) onIdle.splice(0).forEach((resolve) => resolve());
  }

  function runChanged(state: RunState): void {
    const run = runs.get(state.sessionId);
    if (run === undefined) return;
    run.learn(state);
    if (state.process !== null) noteProcess(state.sessionId, state.process);
  }

  /** Only helps to find what a lost run leaves behind, so that a failure is no reason to stop. */
  function noteProcess(sessionId: string, process: ProcessMark): void {
    try {
      journal.running(sessionId, process);
    } catch (error) {
      log.error({ err: error, sessionId }, 'the journal cannot be written');
    }
  }

  /** After the end of its runner, the spool has the last word. */
  async function recheck(run: Run): Promise<void> {
    const spool = await inspectSpool(spoolPath(home, run.entry.sessionId));
    run.runnerGone(spool);
    if (run.phase() !== 'lost') return;
    log.error({ sessionId: run.entry.sessionId }, 'the runner ended before the command: the run is lost');
    if (run.killLeftovers())
      log.warn({ sessionId: run.entry.sessionId }, 'its command, which nobody can follow any more, was killed');
  }

  function handle(frame: GatewayFrame): void {
    switch (frame.type) {
      case 'order': {
        const order = readOrder(frame);
        if (order === null) return log.error('the gateway sent an order that cannot be read; it is ignored');
        return inTurn(order.sessionId, () => takeOrder(frame, order));
      }
      case 'ack':
        return runs.get(frame.sessionId)?.transfer?.ack(frame.offset);
      case 'signal':
        return inTurn(frame.sessionId, () => clientOf(frame.sessionId)?.signal(frame.sessionId, frame.signal));
      case 'stop':
        return inTurn(frame.sessionId, () => {
          log.info({ sessionId: frame.sessionId }, 'stop');
          clientOf(frame.sessionId)?.stop(frame.sessionId, frame.graceMs);
        });
      case 'extend':
        return inTurn(frame.sessionId, () => takeExtension(frame));
      case 'attach':
        return inTurn(frame.sessionId, () => clientOf(frame.sessionId)?.attach(frame.sessionId, frame.client, frame));
      case 'resize':
        return inTurn(frame.sessionId, () => clientOf(frame.sessionId)?.resize(frame.sessionId, frame));
      case 'forget':
        return inTurn(frame.sessionId, () => forget(frame.sessionId));
      default:
    }
  }

  function clientOf(sessionId: string): RunnerClient | undefined {
    const run = runs.get(sessionId);
    return run === undefined || run.isOver() ? undefined : runners().client(run.entry.runner);
  }

  return {
    connected(link, welcome) {
      const { agent, instanceId } = welcome;
      const gatewayKey = createPublicKey({
        key: Buffer.from(welcome.gatewayKey, 'base64'),
        format: 'der',
        type: 'spki',
      });
      live = { link, context: { gatewayKey, agent, instanceId, journalId: journal.id } };
      link.send({ type: 'journal', runs: [...runs.values()].map((run) => run.summary()) });
      if (isDraining) link.send({ type: 'draining' });
    },
    disconnected() {
      live = undefined;
      for (const run of runs.values()) run.detach();
    },
    frame: handle,
    input(frame) {
      try {
        const { sessionId, ...chunk } = decodeSessionInput(frame);
        // what finds no runner is dropped: its client hears of no acknowledgement
        inTurn(sessionId, () => clientOf(sessionId)?.input(sessionId, chunk));
      } catch (error) {
        log.warn({ err: error }, 'the gateway sent input that cannot be read; it is ignored');
      }
    },
    runnerConnected(client) {
      for (const state of client.runs) {
        if (runs.has(state.sessionId)) runChanged(state);
        else client.forget(state.sessionId);
      }
      for (const run of runs.values()) {
        const isLost = run.entry.runner.id === client.ref.id && !run.isKnownToRunner;
        if (isLost && run.command !== undefined) client.start(run.entry.sessionId, run.command);
      }
    },
    runChanged,
    startNotTaken(sessionId) {
      const run = runs.get(sessionId);
      if (run !== undefined && !run.isKnownToRunner) void recheck(run);
    },
    inputTaken(sessionId, client, offset) {
      live?.link.send({ type: 'input_ack', sessionId, client, offset });
    },
    needs: (ref) => [...runs.values()].some((run) => run.entry.runner.id === ref.id && !run.isOver()),
    async runnerGone(ref) {
      await Promise.all([...runs.values()].filter(({ entry }) => entry.runner.id === ref.id).map(recheck));
    },
    async drain() {
      isDraining = true;
      live?.link.send({ type: 'draining' });
      await live?.link.flushed(toldWithinMs);
      await Promise.all(turns.values());
    },
    idle: () => (runs.size === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve))),
    async settled() {
      await Promise.all([...runs.values()].map(({ transfer }) => transfer?.done));
    },
  };
}
