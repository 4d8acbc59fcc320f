/** What a session's state is called and coloured on the screen. What it allows is `sessionCan` of shared. */
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { formatDuration } from '#shared/duration-text.ts';
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
  active: { label: 'Active', color: 'green.6', sentence: 'Commands run under it without another review.' },
  closing: { label: 'Closing', color: 'orange.6', sentence: 'It is over; what runs under it is being stopped.' },
  finished: { label: 'Finished', color: 'green.6', sentence: 'The command ran to its end.' },
  ended: { label: 'Ended', color: 'gray.5', sentence: 'The grant is over; nothing runs under it.' },
  rejected: { label: 'Rejected', color: 'red.6', sentence: 'A reviewer rejected it; nothing ran.' },
  expired: { label: 'Expired', color: 'gray.5', sentence: 'Its time ran out; nothing ran.' },
  cancelled: { label: 'Withdrawn', color: 'gray.5', sentence: 'Its requester withdrew it; nothing ran.' },
  revoked: { label: 'Revoked', color: 'red.6', sentence: 'It was revoked.' },
  failed: { label: 'Failed', color: 'red.6', sentence: 'The command could not be run to its end.' },
  lost: { label: 'Lost', color: 'grape.6', sentence: 'Nobody can tell whether the command ran to its end.' },
};

const grantSentences: Partial<Record<SessionState, string>> = {
  approved: 'Approved; it is about to begin.',
  expired: 'Its time ran out; nothing was granted.',
  failed: 'It could not be granted.',
  lost: 'Nobody can tell whether all that ran under it was stopped.',
};

type WithState = Pick<SessionView, 'state' | 'exitCode' | 'kind' | 'grant'>;

export function wordsOf({ state, exitCode, kind, grant }: WithState): StateWords {
  if (kind === 'connect') {
    const extended = state === 'ended' && grant !== null ? 'The grant that it names lasts longer.' : undefined;
    return { ...words[state], sentence: extended ?? grantSentences[state] ?? words[state].sentence };
  }

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

/** "connect for 30m", "connect for 30m more": what a request of connect asks for; null: it is a command. */
export function grantText({ kind, duration, grant }: Pick<SessionView, 'kind' | 'duration' | 'grant'>): string | null {
  if (kind !== 'connect') return null;
  const length = duration === null ? '' : ` for ${formatDuration(duration)}`;
  return `connect${length}${grant === null ? '' : ' more'}`;
}

/** What kind of session it is, in a word or a few. */
export function whatText(session: Pick<SessionView, 'kind' | 'duration' | 'grant' | 'terminal'>): string {
  return grantText(session) ?? (session.terminal ? 'terminal' : 'exec');
}

/** How the command ended: its status, or the signal. */
export const exitText = ({ exitCode, exitSignal }: Pick<SessionView, 'exitCode' | 'exitSignal'>): string =>
  exitSignal ?? (exitCode === null ? '' : String(exitCode));

/** A grant of its own, and no extension of one. */
export const isGrant = ({ kind, grant }: Pick<SessionView, 'kind' | 'grant'>): boolean =>
  kind === 'connect' && grant === null;

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
