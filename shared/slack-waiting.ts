/** Answer to `/hoop pending`: plain facts, loaded by core and turned into blocks by `slack/blocks`. */
import type { EnvelopeText, SlackPerson } from './slack-view.ts';

export interface SlackWaiting {
  /** Oldest first. */
  items: {
    connection: string;
    requester: SlackPerson;
    /** What is to run. */
    what: Pick<EnvelopeText, 'durationSeconds' | 'command' | 'args' | 'script' | 'scriptBytes'>;
    expiresAt: Date;
    /** Page in the console. */
    url: string;
    /** Of the message with the buttons, where one was posted. */
    permalink: string | null;
  }[];
  /** How many are left out. */
  more: number;
  reviewsUrl: string;
}
