/** Standard input and files as a whole, bounded. */
import { createReadStream } from 'node:fs';
import { HoopError } from '#shared/errors.ts';
import { say, usageError } from './terminal.ts';

/** A pipe that nobody writes to looks like a hanging hoop: after this time it says what it waits for. */
const hintAfterMs = 2000;

export async function readStdin(most: number, what: string): Promise<Buffer> {
  const hint = setTimeout(() => say(`hoop: reading ${what} from standard input until it ends`), hintAfterMs);
  try {
    return await readAll(process.stdin, most, what, () => clearTimeout(hint));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EISDIR' && code !== 'EAGAIN' && code !== 'EBADF') throw error;
    throw usageError(`Cannot read ${what} from standard input (${code}).`);
  } finally {
    clearTimeout(hint);
  }
}

const fileProblems: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
};

/** A file of any kind: pipes and devices have no size that could be looked at before. */
export async function readFileBounded(path: string, most: number, what: string): Promise<Buffer> {
  try {
    return await readAll(createReadStream(path), most, what);
  } catch (error) {
    if (error instanceof HoopError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw usageError(`cannot read ${what} from ${path}: ${fileProblems[code ?? ''] ?? message}`);
  }
}

async function readAll(
  stream: AsyncIterable<unknown>,
  most: number,
  what: string,
  onFirst: () => void = () => undefined,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    onFirst();
    size += (part as Buffer).length;
    if (size > most) throw new HoopError('too_large', `${what} may have at most ${most} bytes`);
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}

/** A password from standard input: its first line. On a terminal it is asked for, unseen. */
export async function readPasswordFromStdin(): Promise<string> {
  if (process.stdin.isTTY) {
    const { askSecret } = await import('./prompt.ts');
    return askSecret('Password: ');
  }
  const text = (await readStdin(64 * 1024, 'the password')).toString('utf8');
  const password = text.split(/\r?\n/, 1)[0] ?? '';
  if (password === '') throw usageError('There is no password on standard input.');
  return password;
}
