/** Values of settings: raw, `base64://...` or `file:///path`, so that no secret need stand in argv. */
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { usageError } from './terminal.ts';

const largestFile = 1024 * 1024;

/** What `text` stands for; `what` names the setting in refusals, which never repeat the value. */
export function readValue(what: string, text: string): string {
  if (text.startsWith('base64://')) return fromBase64(what, text.slice('base64://'.length));
  if (text.startsWith('file://')) return fromFile(what, text.slice('file://'.length));
  return text;
}

export function readValues(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, text]) => [key, readValue(key, text)]));
}

function fromBase64(what: string, text: string): string {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  const bytes = Buffer.from(plain, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== plain) throw usageError(`${what} is no valid base64.`);
  return utf8(what, bytes);
}

/** The file's text without the one newline that editors put at its end. */
function fromFile(what: string, path: string): string {
  if (!isAbsolute(path)) throw usageError(`${what}: file:// takes an absolute path, as in file:///run/secrets/token.`);
  try {
    if (statSync(path).size > largestFile) throw new Error('it has more than 1 MB');
    return utf8(what, readFileSync(path)).replace(/\r?\n$/, '');
  } catch (error) {
    throw usageError(`${what}: cannot read ${path}: ${(error as Error).message}`);
  }
}

function utf8(what: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw usageError(`${what} is no UTF-8 text.`);
  }
}
