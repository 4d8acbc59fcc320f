/** Digests of envelopes; apart from `envelope.ts` because workflows and the console have no `node:crypto`. */
import { createHash } from 'node:crypto';

/** SHA-256 of the UTF-8 bytes of `text`, in lower-case hex (64 characters). */
export function sha256Hex(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}
