/**
 * Secrets at rest: AES-256-GCM, with the id of the key in front and the row's identity as associated data. The same
 * keys sign what hoop gives out and wants to know again.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

export interface Sealer {
  /** `identity` says where the secret belongs, e.g. `connection:<id>`; it opens nowhere else. */
  seal(identity: string, secret: string): Buffer;
  /** Throws when the key is not known, the identity differs or the bytes were changed. */
  open(identity: string, sealed: Buffer): string;
  /** HMAC-SHA256 of `text`, by a key of its own for each purpose, derived from the current one. */
  sign(purpose: string, text: string): Buffer;
  /** Whether any of the keys signs `text` so. */
  isSigned(purpose: string, text: string, mac: Buffer): boolean;
}

/** What a connection's environment, and a plugin's configuration, are sealed for. */
export const connectionIdentity = (id: string): string => `connection:${id}`;
/** The connection's environment, as a run was consumed with it. */
export const runIdentity = (sessionId: string): string => `run:${sessionId}`;
export const pluginIdentity = (name: string): string => `plugin:${name}`;

const formatVersion = 1;
const keyIdLength = 4;
const ivLength = 12;
const tagLength = 16;

/** `keys` are 32 bytes each; the first seals, all of them open: a new key goes in front of the old one. */
export function createSealer(keys: Buffer[]): Sealer {
  const byId = new Map(keys.map((key) => [keyId(key), key]));
  const current = keys[0];
  if (!current || keys.some((key) => key.length !== 32)) throw new Error('a sealing key has 32 bytes');
  return {
    seal(identity, secret) {
      const iv = randomBytes(ivLength);
      const cipher = createCipheriv('aes-256-gcm', current, iv).setAAD(Buffer.from(identity));
      const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([
        Buffer.from([formatVersion]),
        Buffer.from(keyId(current), 'hex'),
        iv,
        cipher.getAuthTag(),
        body,
      ]);
    },
    open(identity, sealed) {
      const id = sealed.toString('hex', 1, 1 + keyIdLength);
      const key = byId.get(id);
      if (sealed[0] !== formatVersion || !key)
        throw new Error(`no key ${id} to open ${identity}; HOOP_SECRET_KEY changed`);
      const at = 1 + keyIdLength;
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(at, at + ivLength), {
        authTagLength: tagLength,
      });
      decipher.setAAD(Buffer.from(identity));
      decipher.setAuthTag(sealed.subarray(at + ivLength, at + ivLength + tagLength));
      const body = sealed.subarray(at + ivLength + tagLength);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
    },
    sign: (purpose, text) => signature(current, purpose, text),
    isSigned(purpose, text, mac) {
      const signatures = keys.map((key) => signature(key, purpose, text));
      return signatures.some((right) => right.length === mac.length && timingSafeEqual(right, mac));
    },
  };
}

function signature(key: Buffer, purpose: string, text: string): Buffer {
  const derived = Buffer.from(hkdfSync('sha256', key, '', `hoop ${purpose}`, 32));
  return createHmac('sha256', derived).update(text).digest();
}

/** Keys of `HOOP_SECRET_KEY`: base64 of 32 bytes, several separated by commas, the current one first. */
export function parseSecretKeys(text: string): Buffer[] {
  return text.split(',').map((part) => {
    const key = Buffer.from(part.trim(), 'base64');
    if (key.length !== 32) throw new Error('HOOP_SECRET_KEY must be base64 of 32 bytes (openssl rand -base64 32)');
    return key;
  });
}

function keyId(key: Buffer): string {
  return createHash('sha256')
    .update('hoop-key-id')
    .update(key)
    .digest('hex')
    .slice(0, keyIdLength * 2);
}
