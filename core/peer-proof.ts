/** How gateways of one installation know each other: by HMACs of the key that only they and the workers have. */
import { randomBytes } from 'node:crypto';
import { peerScheme } from '#shared/peer-protocol.ts';
import type { Sealer } from './sealer.ts';

/** A connection of two gateways; each end has made one of the nonces for it alone. */
export interface PeerPair {
  dialler: string;
  holder: string;
  diallerNonce: string;
}

type Keys = Pick<Sealer, 'sign' | 'isSigned'>;
const purpose = 'peer gateways';

export const newNonce = (): string => randomBytes(24).toString('base64url');

/** The value of `Authorization` with which a gateway dials another. */
export function dialAuthorization(keys: Keys, pair: PeerPair): string {
  const proof = keys.sign(purpose, dialText(pair)).toString('base64url');
  return `${peerScheme} ${pair.dialler} ${pair.holder} ${pair.diallerNonce} ${proof}`;
}

/** Who dials `holder` with that header; undefined unless it proves the key. One that was seen before proves it too. */
export function readDial(keys: Keys, holder: string, authorization: string | undefined): PeerPair | undefined {
  const [scheme, dialler, to, diallerNonce, proof, ...more] = (authorization ?? '').split(' ');
  if (scheme !== peerScheme || !dialler || to !== holder || !diallerNonce || !proof || more.length > 0)
    return undefined;
  const pair = { dialler, holder, diallerNonce };
  return keys.isSigned(purpose, dialText(pair), Buffer.from(proof, 'base64url')) ? pair : undefined;
}

/** What each side says once it knows the nonce of the other: only the two of them can, and only for this connection. */
export function proveSide(keys: Keys, side: 'holder' | 'dialler', pair: PeerPair, holderNonce: string): string {
  return keys.sign(purpose, sideText(side, pair, holderNonce)).toString('base64url');
}

export function isProofOf(
  keys: Keys,
  side: 'holder' | 'dialler',
  pair: PeerPair,
  holderNonce: string,
  proof: string,
): boolean {
  return keys.isSigned(purpose, sideText(side, pair, holderNonce), Buffer.from(proof, 'base64url'));
}

const dialText = (pair: PeerPair): string => ['dial', pair.dialler, pair.holder, pair.diallerNonce].join('\n');
const sideText = (side: string, pair: PeerPair, holderNonce: string): string =>
  [side, pair.dialler, pair.holder, pair.diallerNonce, holderNonce].join('\n');
