/**
 * Recordings go once they are older than their connection keeps them (`--keep`): what was typed and printed, and
 * nothing else. The session, who decided and the audit log stay. A connection that was deleted says nothing any more,
 * so what ran on it is kept.
 */
import { audit } from '#db/audit.ts';
import { inTransaction } from '#db/pool.ts';
import { deleteRows, listRowsLeft, markRemoved, noteRowsGone } from '#db/recordings.ts';
import type { Core } from './context.ts';
import { alone, locks } from './sweep-parts.ts';

/** Of a round; what is left waits for the next. Rows are up to 256 kB. */
const bounds = { sessions: 100, rowsAtOnce: 500, steps: 200 };

export interface RemovedRecordings {
  sessions: number;
  rows: number;
}

/** One round; null when another replica is at it. Throws when aborted between two steps. */
export async function removeRecordings(core: Core, signal?: AbortSignal): Promise<RemovedRecordings | null> {
  return alone(core, locks.recordings, async () => {
    const sessions = await mark(core);
    let rows = 0;
    let steps = 0;
    for (const id of await listRowsLeft(core.db, bounds.sessions)) {
      for (let gone = bounds.rowsAtOnce; gone === bounds.rowsAtOnce; rows += gone) {
        signal?.throwIfAborted();
        if ((steps += 1) > bounds.steps) return { sessions, rows };
        gone = await deleteRows(core.db, id, bounds.rowsAtOnce);
      }
      await noteRowsGone(core.db, id);
    }
    return { sessions, rows };
  });
}

async function mark(core: Core): Promise<number> {
  return inTransaction(core.db, async (tx) => {
    const removed = await markRemoved(tx, core.now(), bounds.sessions);
    if (removed.length === 0) return 0;
    await audit(tx, {
      actor: 'system:retention',
      action: 'recording.remove',
      subject: 'recordings',
      details: {
        connections: [...new Set(removed.map(({ connectionName }) => connectionName))].sort(),
        sessions: removed.map(({ id }) => id),
      },
    });
    return removed.length;
  });
}
