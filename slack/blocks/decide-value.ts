/** What buttons and modals carry: which session, and which version of its envelope the reader was shown. */

export interface DecideValue {
  sessionId: string;
  envelopeVersion: number;
}

export function encodeDecideValue({ sessionId, envelopeVersion }: DecideValue): string {
  return `${sessionId}:${envelopeVersion}`;
}

/** Null for anything that no message of ours holds. */
export function decodeDecideValue(value: unknown): DecideValue | null {
  const match = typeof value === 'string' ? /^([0-9a-f-]{36}):([1-9]\d{0,8})$/.exec(value) : null;
  return match ? { sessionId: match[1] ?? '', envelopeVersion: Number(match[2]) } : null;
}

/** Where somebody is in the modal that shows an envelope in full before it is approved. */
export interface ReadingPlace extends DecideValue {
  /** From 1; 0 when the message itself shows all of it. */
  page: number;
  /** Whether it was opened to choose a group or to force. */
  choosing: boolean;
  /** Of what is shown. Empty until it has been looked up. */
  digest: string;
}

export function encodePlace(place: ReadingPlace): string {
  return `${encodeDecideValue(place)}:${place.page}:${place.choosing ? 'choose' : 'plain'}:${place.digest}`;
}

/** Null for anything that no modal of ours holds. */
export function decodePlace(value: unknown): ReadingPlace | null {
  const match = typeof value === 'string' ? /^(.*):(\d{1,4}):(choose|plain):([0-9a-f]{64})$/.exec(value) : null;
  const shown = decodeDecideValue(match?.[1]);
  if (!match || !shown) return null;
  return { ...shown, page: Number(match[2]), choosing: match[3] === 'choose', digest: match[4] ?? '' };
}

export const actionIds = {
  approve: 'approve',
  approveAs: 'approve_as',
  reject: 'reject',
  open: 'open',
  readInFull: 'read_in_full',
  nextPage: 'page_next',
  previousPage: 'page_back',
} as const;

/** Blocks of buttons. In the second one Approve opens a modal: so that it can be opened before anything is looked up. */
export const blockIds = { decide: 'decide', decideInFull: 'decide_in_full' } as const;

export const rejectCallback = 'reject_reason';
export const approveCallback = 'approve_in_full';
export const reasonInput = 'reason';
export const choiceInput = 'choice';
export const durationInput = 'duration';

/** For whom an approval counts: all groups of the person, one of them, or everybody. */
export type ApproveChoice = { kind: 'all' } | { kind: 'group'; group: string } | { kind: 'force' };

export function encodeChoice(choice: ApproveChoice): string {
  return choice.kind === 'group' ? `group:${choice.group}` : choice.kind;
}

export function decodeChoice(value: unknown): ApproveChoice | null {
  if (value === 'all' || value === 'force') return { kind: value };
  if (typeof value === 'string' && value.startsWith('group:')) return { kind: 'group', group: value.slice(6) };
  return null;
}
