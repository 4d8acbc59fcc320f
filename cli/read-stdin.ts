/** Standard input as a whole, bounded. */
import { HoopError } from '#shared/errors.ts';
import { say, usageError } from './terminal.ts';

/** A pipe that nobody writes to looks like a hanging hoop: after this time it says what it waits for. */
const hintAfterMs = 2000;

export async function readStdin(most: number, what: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  const hint = setTimeout(() => say(`hoop: reading ${what} from standard input until it ends`), hintAfterMs);
  try {
    for await (const part of process.stdin) {
      clearTimeout(hint);
      size += (part as Buffer).length;
      if (size > most) throw new HoopError('too_large', `${what} may have at most ${most} bytes.`);
      parts.push(part as Buffer);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EISDIR' && code !== 'EAGAIN' && code !== 'EBADF') throw error;
    throw usageError(`Cannot read ${what} from standard input (${code}).`);
  } finally {
    clearTimeout(hint);
  }
  return Buffer.concat(parts);
}

/** A password from standard input: its first line. */
export async function readPasswordFromStdin(): Promise<string> {
  const text = (await readStdin(64 * 1024, 'the password')).toString('utf8');
  const password = text.split(/\r?\n/, 1)[0] ?? '';
  if (password === '') throw usageError('There is no password on standard input.');
  return password;
}
