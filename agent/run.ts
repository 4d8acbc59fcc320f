/** What the agent knows of one run. Knowledge only grows: late news of an earlier state changes nothing. */
import type { AgentFrame } from '#shared/agent-protocol.ts';
import type { JournalRun } from './journal.ts';
import { isAlive, markOf } from './process-mark.ts';
import { signalSession } from './process-session.ts';
import type { Command, RunState } from './runner-protocol.ts';
import type { Transfer, TransferView } from './session-transfer.ts';
import type { SpoolSummary } from './spool.ts';

type RunSummary = Extract<AgentFrame, { type: 'journal' }>['runs'][number];

export interface Run {
  readonly entry: JournalRun;
  /** Set while the runner may not have heard of it; never written to disk. */
  command: Command | undefined;
  /** Under way to the gateway, on the present connection. */
  transfer: Transfer | undefined;
  /** Whether the runner has said anything about it. */
  readonly isKnownToRunner: boolean;
  learn(state: RunState): void;
  /** The runner is gone: what the spool holds is all there will be. */
  runnerGone(spool: SpoolSummary | null): void;
  isOver(): boolean;
  phase(): RunSummary['phase'];
  summary(): RunSummary;
  view(): TransferView;
  detach(): void;
  /** Ends what is left of the command of a lost run: no limit and no revocation would reach it. Whether there was any. */
  killLeftovers(): boolean;
}

export function createRun(entry: JournalRun): Run {
  let mark = entry.process;
  let spoolBytes = 0;
  let outputBytes = 0;
  let ended = false;
  let lost = false;
  let isKnownToRunner = false;

  const phase = () => {
    if (lost) return 'lost';
    if (ended) return 'exited';
    return mark === null ? 'accepted' : 'running';
  };
  const grow = (to: { spoolBytes: number; outputBytes: number; ended: boolean }) => {
    spoolBytes = Math.max(spoolBytes, to.spoolBytes);
    outputBytes = Math.max(outputBytes, to.outputBytes);
    ended ||= to.ended;
  };

  const run: Run = {
    entry,
    command: undefined,
    transfer: undefined,
    get isKnownToRunner() {
      return isKnownToRunner;
    },
    learn(state) {
      isKnownToRunner = true;
      run.command = undefined;
      mark ??= state.process;
      grow(state);
      run.transfer?.wake();
    },
    runnerGone(spool) {
      run.command = undefined;
      if (spool !== null) grow(spool);
      lost = !ended;
      run.transfer?.wake();
    },
    isOver: () => ended || lost,
    phase,
    summary: () => ({ sessionId: entry.sessionId, nonce: entry.nonce, phase: phase(), outputBytes }),
    view: () => ({ hasStarted: mark !== null, spoolBytes, ended, lost }),
    detach() {
      run.transfer?.close();
      run.transfer = undefined;
    },
    killLeftovers() {
      if (mark === null) return false;
      // once its first process is gone, others may keep the number of the session; long after, another may have it
      const isOurs = isAlive(mark) || (isKnownToRunner && markOf(mark.pid) === null);
      return isOurs && signalSession(mark.pid, 'SIGKILL') > 0;
    },
  };
  return run;
}
