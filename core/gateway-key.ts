/** The key that signs orders: made once an installation, sealed in Postgres, learned by agents when they enrol. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { initSetting, readSetting } from '#db/plugins.ts';
import type { Core } from './context.ts';

const setting = 'gateway_key';

export interface GatewayKey {
  privateKey: KeyObject;
  /** SPKI DER, base64. */
  publicKey: string;
}

export async function loadGatewayKey(core: Pick<Core, 'db' | 'sealer'>): Promise<GatewayKey> {
  const stored = (await readSetting(core.db, setting)) ?? (await initSetting(core.db, setting, newKey(core), true));
  const privateKey = createPrivateKey(core.sealer.open(`setting:${setting}`, stored));
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).toString('base64');
  return { privateKey, publicKey };
}

function newKey(core: Pick<Core, 'sealer'>): Buffer {
  const { privateKey } = generateKeyPairSync('ed25519');
  return core.sealer.seal(`setting:${setting}`, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
}
