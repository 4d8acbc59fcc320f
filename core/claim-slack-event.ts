/** Slack sends an event again when its acknowledgement is late or lost, to any replica; one of them answers. */
import { isNewSlackEvent } from '#db/slack-events.ts';
import type { Core } from './context.ts';

/** Whether whoever asks is the first to; without the database everybody is, as an answer twice beats none. */
export async function claimSlackEvent({ db, log }: Pick<Core, 'db' | 'log'>, eventId: string): Promise<boolean> {
  try {
    return await isNewSlackEvent(db, eventId);
  } catch (error) {
    log.warn({ err: error, eventId }, 'event from Slack not written down');
    return true;
  }
}
