import { notify } from '#db/notices.ts';
import { inTransaction, type Database } from '#db/pool.ts';
import { noteReminded } from '#db/renewals.ts';

/** Notes that reviewers are reminded now, once a session; false: it does not wait for them, or they were. */
export async function noteReminder(db: Database, sessionId: string): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const noted = await noteReminded(tx, sessionId);
    if (noted) await notify(tx, { kind: 'state', id: sessionId });
    return noted;
  });
}
