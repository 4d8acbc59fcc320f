/** The token of a link: the id of its row, and an HMAC over the row that only this installation can make. */
import { HoopError } from '#shared/errors.ts';
import type { SlackLinkRow } from '#db/slack-links.ts';
import type { Sealer } from './sealer.ts';

const purpose = 'slack link';
const form = /^([\w-]{22})\.([\w-]{43})$/;

type Signed = Pick<SlackLinkRow, 'id' | 'slackId' | 'teamId' | 'expiresAt'>;

export function linkToken(sealer: Sealer, link: Signed): string {
  const id = Buffer.from(link.id.replaceAll('-', ''), 'hex');
  return `${id.toString('base64url')}.${sealer.sign(purpose, signedText(link)).toString('base64url')}`;
}

/** What a token claims; believed only after `isLinkToken`. Throws `slack_link_unknown`. */
export function readLinkToken(token: string): { id: string; mac: Buffer } {
  const [, id, mac] = form.exec(token.trim()) ?? [];
  if (id === undefined || mac === undefined) throw linkUnknown();
  const hex = Buffer.from(id, 'base64url').toString('hex');
  return { id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), mac: Buffer.from(mac, 'base64url') };
}

export function isLinkToken(sealer: Sealer, link: Signed, mac: Buffer): boolean {
  return sealer.isSigned(purpose, signedText(link), mac);
}

const signedText = ({ id, slackId, teamId, expiresAt }: Signed): string =>
  JSON.stringify([id, slackId, teamId, expiresAt.toISOString()]);

export const linkUnknown = (): HoopError =>
  new HoopError(
    'slack_link_unknown',
    'hoop did not give out this link, or it was cut off on its way. Type /hoop subscribe in Slack for a new one.',
  );
