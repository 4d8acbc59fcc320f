/** What the buttons of a message carry: which session, and which version of its envelope the reader was shown. */

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

export const actionIds = { approve: 'approve', reject: 'reject', open: 'open', readInFull: 'read_in_full' } as const;
export const rejectCallback = 'reject_reason';
export const reasonInput = 'reason';
