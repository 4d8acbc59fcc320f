/** From a keystroke to its echo, on each kind of terminal in turn, so that the machine's other work falls on all alike. */
import { setTimeout as wait } from 'node:timers/promises';
import { cleanEnvironment } from '../lib/hoop.ts';
import { hoopStage, signInAdmin, type OnStop } from '../lib/stage.ts';
import { Series, type Summary } from '../lib/statistics.ts';
import type { StreamBenchOptions } from './options.ts';
import { startSshd } from './sshd.ts';
import { echoScript, ptyTerminal, streamTerminal, type KeyTerminal } from './terminals.ts';

export const terminalKinds = ['pty', 'ssh', 'stream', 'CLI'] as const;
export type TerminalKind = (typeof terminalKinds)[number];

export interface KeysResult {
  keys: number;
  pauseMs: number;
  /** Milliseconds. */
  roundTrip: Partial<Record<TerminalKind, Summary>>;
  /** Why a kind was not measured. */
  missing: Partial<Record<TerminalKind, string>>;
}

const connection = 'bench-keys';
/** Before any of them counts. */
const warmUp = 30;
const letters = 'abcdefghijklmnopqrstuvwxyz';

export function measureKeys(onStop: OnStop, { keys, keyPauseMs, sshd }: StreamBenchOptions): Promise<KeysResult> {
  return hoopStage(onStop, async (hoop, later) => {
    const ssh = await startSshd(later, sshd);
    const admin = await signInAdmin(hoop);
    await admin.saveConnection({ name: connection, agent: 'default', command: ['sh', '-c', echoScript] });
    const terminals: [TerminalKind, KeyTerminal][] = [];
    const missing: KeysResult['missing'] = {};
    const open = async (kind: TerminalKind, opening: () => Promise<KeyTerminal>) => {
      try {
        const terminal = await opening();
        later(async () => terminal.close());
        await terminal.press(letters[0] ?? 'a');
        terminals.push([kind, terminal]);
      } catch (error) {
        console.error(error);
        missing[kind] = 'it did not open';
      }
    };
    const env = cleanEnvironment();
    await open('pty', () => ptyTerminal('sh', ['-c', echoScript], env));
    if (typeof ssh === 'string') missing.ssh = ssh;
    else await open('ssh', () => ptyTerminal('ssh', ssh.args(echoScript, { terminal: true }), env));
    await open('stream', () => streamTerminal(admin, connection));
    await open('CLI', () => ptyTerminal(process.execPath, [hoop.program, 'connect', connection], hoop.env));

    const roundTrip = new Series<TerminalKind>();
    for (let turn = 0; turn < warmUp + keys; turn += 1) {
      if (turn === warmUp) roundTrip.clear();
      for (let next = 0; next < terminals.length; next += 1) {
        const [kind, terminal] = terminals[(next + turn) % terminals.length] ?? [];
        if (!kind || !terminal) continue;
        await wait(keyPauseMs * (0.5 + Math.random())); // nothing that runs by a clock meets every key, or none
        roundTrip.add(kind, await terminal.press(letters[turn % letters.length] ?? 'x'));
      }
    }
    return {
      ...{ keys, pauseMs: keyPauseMs * terminals.length },
      ...{ roundTrip: roundTrip.summaries(), missing },
    };
  });
}
