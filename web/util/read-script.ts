/** The standard input of a request as people read it. */
import type { SessionDetail } from '#shared/api-schemas.ts';
import { fromBase64, hexDump, utf8OrNull } from './bytes.ts';
import { countHidden } from './visible-text.ts';

/** Of input that is no text; nobody reads more of it. */
const dumpedBytes = 256 * 1024;

export interface ReadScript {
  text: string;
  /** Characters that would not be visible. */
  hidden: number;
  /** The text is a dump of bytes, of the first `dumped` at most. */
  binary: boolean;
  /** Bytes. */
  size: number;
  dumped: number;
}

export function readScript(script: string, encoding: SessionDetail['envelope']['scriptEncoding']): ReadScript {
  const bytes = encoding === 'base64' ? fromBase64(script) : new TextEncoder().encode(script);
  const text = encoding === 'base64' ? utf8OrNull(bytes) : script;
  const [size, dumped] = [bytes.length, dumpedBytes];
  if (text === null) return { text: hexDump(bytes.subarray(0, dumped)), hidden: 0, binary: true, size, dumped };
  return { text, hidden: countHidden(text), binary: false, size, dumped };
}
