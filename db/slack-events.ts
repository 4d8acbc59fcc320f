/** Table `slack_events`: events that were answered, for a day; Slack repeats them within minutes. */
import type { Queryable } from './pool.ts';

/** Whether the event is seen for the first time, by any replica. */
export async function isNewSlackEvent(db: Queryable, eventId: string): Promise<boolean> {
  await db.query("delete from slack_events where seen_at < now() - interval '1 day'");
  const inserted = await db.query('insert into slack_events (event_id) values ($1) on conflict do nothing', [eventId]);
  return inserted.rowCount === 1;
}
