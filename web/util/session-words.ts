/** What a session's state is called and coloured on the screen. What it allows is `sessionCan` of shared. */
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { sessionCan, whyNot, type SessionState } from '#shared/session-states.ts';

export interface StateWords {
  label: string;
  color: string;
  /** A sentence for the session's page. */
  sentence: string;
}

const words: Readonly<Record<SessionState, StateWords>> = {
  pending: { label: 'Pending', color: 'yellow.6', sentence: 'Waits for approval.' },
  approved: { label: 'Approved', color: 'blue.6', sentence: 'Approved; about to be handed to the agent.' },
  queued: { label: 'Queued', color: 'blue.6', sentence: 'Approved; waits for the agent.' },
  running: { label: 'Running', color: 'indigo.6', sentence: 'The command is running.' },
  finished: { label: 'Finished', color: 'green.6', sentence: 'The command ran to its end.' },
  rejected: { label: 'Rejected', color: 'red.6', sentence: 'A reviewer rejected it; nothing ran.' },
  expired: { label: 'Expired', color: 'gray.5', sentence: 'Its time ran out; nothing ran.' },
  cancelled: { label: 'Withdrawn', color: 'gray.5', sentence: 'Its requester withdrew it; nothing ran.' },
  revoked: { label: 'Revoked', color: 'red.6', sentence: 'It was revoked.' },
  failed: { label: 'Failed', color: 'red.6', sentence: 'The command could not be run to its end.' },
  lost: { label: 'Lost', color: 'grape.6', sentence: 'Nobody can tell whether the command ran to its end.' },
};

export function wordsOf({ state, exitCode }: Pick<SessionView, 'state' | 'exitCode'>): StateWords {
  if (state === 'finished' && exitCode !== null && exitCode !== 0) {
    return { ...words.finished, label: `Exit ${exitCode}`, color: 'orange.6' };
  }
  return words[state];
}

export const stateLabel = (state: SessionState): string => words[state].label;

export type ReviewAction = 'approve' | 'reject' | 'cancel' | 'revoke';

export interface Permission {
  allowed: boolean;
  why: string | null;
}

/** Whether the signed-in person may take an action now: the state first, then what the gateway says of the person. */
export function permissionFor(session: SessionDetail, action: ReviewAction): Permission {
  if (!sessionCan(action, session.state)) return { allowed: false, why: whyNot(action, session.state) };
  return session.can[action];
}

/** Forcing an approval is offered where the connection names groups that may. */
export function forceFor(session: SessionDetail): Permission | null {
  const { force } = session.can;
  if (!force || !sessionCan('approve', session.state)) return null;
  return force;
}
