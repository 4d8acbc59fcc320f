/** The states of a session and what each allows: in one table. Only display text lives elsewhere. */

export const sessionKinds = ['exec', 'connect'] as const;
export type SessionKind = (typeof sessionKinds)[number];

export const endStates = [
  'finished',
  'ended',
  'rejected',
  'expired',
  'cancelled',
  'revoked',
  'failed',
  'lost',
] as const;
export type EndState = (typeof endStates)[number];

/** `queued`, `running`: of exec; `active` until its time is over, `closing` until nothing runs under it: of connect. */
export const openStates = ['pending', 'approved', 'queued', 'running', 'active', 'closing'] as const;

export const sessionStates = [...openStates, ...endStates] as const;
export type SessionState = (typeof sessionStates)[number];

/** Which states may follow a state. End states are followed by none. */
export const nextStates: Readonly<Record<SessionState, readonly SessionState[]>> = {
  pending: ['approved', 'queued', 'rejected', 'expired', 'cancelled', 'revoked', 'failed'],
  // `ended`: an approved extension has done what it was for
  approved: [
    'pending',
    'queued',
    'running',
    'active',
    'ended',
    'rejected',
    'expired',
    'cancelled',
    'revoked',
    'failed',
  ],
  queued: ['pending', 'running', 'rejected', 'expired', 'cancelled', 'revoked', 'failed'],
  running: ['finished', 'revoked', 'failed', 'lost'],
  active: ['closing'],
  closing: ['ended', 'revoked', 'lost'],
  finished: [],
  ended: [],
  rejected: [],
  expired: [],
  cancelled: [],
  revoked: [],
  failed: [],
  lost: [],
};

export function isEndState(state: SessionState): state is EndState {
  return nextStates[state].length === 0;
}

/** Nothing of it has run: it may still be changed, stopped, or expire. */
export function waitsToRun(state: SessionState): boolean {
  return state === 'pending' || state === 'approved' || state === 'queued';
}

/** A grant that was approved and is not over: what was asked for happens. */
export function isGranted(state: SessionState): boolean {
  return state === 'active' || state === 'closing';
}

export type SessionAction = 'approve' | 'reject' | 'cancel' | 'revoke' | 'interrupt';

const allowed: Readonly<Record<SessionAction, readonly SessionState[]>> = {
  approve: ['pending'],
  reject: ['pending', 'approved', 'queued'],
  cancel: ['pending', 'approved', 'queued', 'active'],
  revoke: ['pending', 'approved', 'queued', 'running', 'active'],
  interrupt: ['running'],
};

/** Whether a session in `state` takes `action` at all; who may do it is the review policy's business. */
export function sessionCan(action: SessionAction, state: SessionState): boolean {
  return allowed[action].includes(state);
}

/** Why a session in `state` does not take `action`, as a sentence for people. */
export function whyNot(action: SessionAction, state: SessionState): string {
  if (isEndState(state)) return `This session has already ended (${state}).`;
  if (state === 'running' && action === 'cancel') return 'The command is already running; revoke stops it.';
  if (state === 'running') return 'The command is already running.';
  if (action === 'interrupt') return 'The command is not running.';
  if (state === 'closing') return 'This grant is being closed already.';
  return `This session is already ${state}.`;
}
