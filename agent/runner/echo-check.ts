/** Whether a terminal shows what is typed. Node cannot read the settings of a terminal, so `stty` is asked. */
import { spawn } from 'node:child_process';
import type { Pty, Ptys } from './pty.ts';

/** False while a program reads a line without showing it, as passwords are read; undefined when nobody can tell. */
export type MayRecord = boolean | undefined;

/**
 * Longer than a machine that works takes for it, a busy one too: without an answer nothing is recorded. Enter and Ctrl-C
 * wait for the question under way and for the next, and who typed them gives a line up that acknowledges nothing for
 * 10 s (`web/util/terminal-line.ts`): both questions have to fit into that.
 */
export const echoPatienceMs = 4_000;

export function checkEcho(pty: Pty, ptys: Ptys): Promise<MayRecord> {
  const master = pty.master();
  if (master === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    // this side knows the settings of the other; as standard input node would make it wait for whoever reads or writes
    const stty = spawn('sh', ['-c', 'exec stty -a <&3'], {
      stdio: ptys.keepFrom(['ignore', 'pipe', 'ignore', master]),
      timeout: echoPatienceMs,
    });
    let text = '';
    stty.stdout?.on('data', (data: Buffer) => (text += data.toString('latin1')));
    stty.once('error', () => resolve(undefined));
    stty.once('close', (code) => resolve(code === 0 ? readSettings(text) : undefined));
  });
}

/** `text`: what `stty -a` prints; settings that are off have a minus before them. */
export function readSettings(text: string): MayRecord {
  const words = new Set(text.split(/[\s;]+/));
  const isLineMode = words.has('icanon') || (words.has('-icanon') ? false : undefined);
  const isShown = words.has('echo') || (words.has('-echo') ? false : undefined);
  if (isLineMode === undefined || isShown === undefined) return undefined;
  // in raw mode the program shows what it likes itself: shells and editors
  return isShown || !isLineMode;
}
