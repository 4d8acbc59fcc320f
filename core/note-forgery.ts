/**
 * Keeps in the audit log what somebody other than hoop wrote to Temporal. None of it makes a command run; that
 * somebody tried is worth knowing.
 */
import { audit } from '#db/audit.ts';
import { countForgedWrite } from '#db/forged-writes.ts';
import { inTransaction, type Database } from '#db/pool.ts';

export const forgeryKinds = [
  /** A signal with an id that is no decision of the session. */
  'temporal.forged_signal',
  /** A workflow that was not started by hoop: for no session, under another's id, or for other task queues. */
  'temporal.forged_start',
  /** `execute`, scheduled by something else than the session's workflow, or for no session. */
  'temporal.forged_execute',
  /** `execute` for a session whose rows do not allow it to run: forged, or too late by a moment. */
  'run.refused',
  /** `execute` was said to have ended, and the rows know of nothing that could have ended it. */
  'temporal.forged_completion',
  /** A running command was to be stopped, and nobody had revoked it. */
  'temporal.forged_stop',
  /** Another workflow held the id of a session's workflow. */
  'temporal.foreign_workflow',
] as const;

export interface Forgery {
  kind: (typeof forgeryKinds)[number];
  /** Undefined: of no session. */
  sessionId?: string | undefined;
  details: Record<string, string>;
}

const textAtMost = 100;

/** The first few of a kind and session each get a row; of a flood, then, every tenth, hundredth, thousandth... */
export async function noteForgery(db: Database, { kind, sessionId, details }: Forgery): Promise<void> {
  await inTransaction(db, async (tx) => {
    const subject = sessionId === undefined ? 'temporal' : `session:${sessionId}`;
    const attempts = await countForgedWrite(tx, kind, subject);
    if (!isTold(attempts)) return;
    const shown = Object.fromEntries(Object.entries(details).map(([name, text]) => [name, bounded(text)]));
    await audit(tx, { actor: 'temporal', action: kind, subject, details: { ...shown, attempts } });
  });
}

export function isTold(attempts: number): boolean {
  return attempts <= 3 || /^10*$/.test(String(attempts));
}

/** Postgres keeps neither NUL nor half a surrogate pair. */
const bounded = (text: string): string => text.slice(0, textAtMost).replace(/[\0\ud800-\udfff]/gu, '\ufffd');
