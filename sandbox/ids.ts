import { randomBytes, randomInt } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** An id as Slack makes them: a letter for the kind, then ten of 0-9 A-Z. */
export function slackId(kind: 'A' | 'B' | 'C' | 'D' | 'U' | 'V'): string {
  let id: string = kind + '0';
  while (id.length < 11) id += ALPHABET[randomInt(ALPHABET.length)];
  return id;
}

export function secret(bytes = 18): string {
  return randomBytes(bytes).toString('hex');
}

/** The short ids Slack puts on blocks and elements that came without one. */
export function blockId(): string {
  return randomBytes(4).toString('base64url').slice(0, 5);
}

export function viewHash(now: number): string {
  return `${Math.floor(now / 1000)}.${secret(4)}`;
}
