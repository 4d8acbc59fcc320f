/** Tells the agent that holds a run how long the grant lasts that it runs under. */
import { sign, type KeyObject } from 'node:crypto';
import { extensionBytes, type Extension } from '#shared/agent-protocol.ts';
import { canonicalJson } from '#shared/envelope.ts';
import { findRun } from '#db/runs.ts';
import { findSession } from '#db/sessions.ts';
import type { Core } from './context.ts';

/** Undefined: it does not run under an active grant. */
export async function signExtension(
  core: Pick<Core, 'db' | 'now'>,
  gatewayKey: KeyObject,
  sessionId: string,
): Promise<{ extension: string; signature: string } | undefined> {
  const [session, run] = [await findSession(core.db, sessionId), await findRun(core.db, sessionId)];
  const grant = session?.grantId ? await findSession(core.db, session.grantId) : undefined;
  if (!run || grant?.state !== 'active' || grant.activeUntil === null) return undefined;
  const runSeconds = Math.floor((grant.activeUntil.getTime() - core.now().getTime()) / 1000);
  if (runSeconds < 1) return undefined;
  const said: Extension = { sessionId, nonce: run.nonce, runSeconds, grantUntil: grant.activeUntil.toISOString() };
  const extension = canonicalJson(said);
  return { extension, signature: sign(null, extensionBytes(extension), gatewayKey).toString('base64') };
}
