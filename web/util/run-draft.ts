/**
 * What is being written on the page Run. It is kept in this tab, for one person, through reloads and until it was run
 * or they sign out. Its id is made once: however often it is sent, it is one session.
 */
import type { SessionDetail } from '#shared/api-schemas.ts';
import { formatDuration } from '#shared/duration-text.ts';
import type { SessionKind } from '#shared/session-states.ts';
import { newUuid } from './uuid.ts';

/** A file that is no text: it is sent as it is. */
export interface DraftFile {
  name: string;
  base64: string;
  bytes: number;
}

export interface Draft {
  /** Of the session to be. */
  id: string;
  kind: SessionKind;
  connection: string | null;
  script: string;
  /** In place of the script. */
  file: DraftFile | null;
  args: string[];
  env: { name: string; value: string }[];
  reason: string;
  /** Durations as they were written; empty: as the connection has it. */
  timeout: string;
  duration: string;
}

export const emptyDraft = (connection: string | null, kind: SessionKind = 'exec'): Draft => ({
  id: newUuid(),
  kind,
  connection,
  script: '',
  file: null,
  args: [],
  env: [],
  reason: '',
  timeout: '',
  duration: '',
});

/** The same request once more, as a new one. */
export function draftOf(session: SessionDetail): Draft {
  const { envelope, kind, terminal, connection, reason, duration } = session;
  const isText = envelope.scriptEncoding === 'utf8';
  return {
    ...emptyDraft(connection, terminal ? 'connect' : kind),
    script: isText ? envelope.script : '',
    file: isText ? null : { name: 'standard input', base64: envelope.script, bytes: sizeOf(envelope.script) },
    args: envelope.args,
    env: Object.entries(envelope.env).map(([name, value]) => ({ name, value })),
    reason,
    duration: duration === null ? '' : formatDuration(duration),
  };
}

const sizeOf = (base64: string): number => (base64.length / 4) * 3 - (/=*$/.exec(base64)?.[0].length ?? 0);

const prefix = 'hoop.draft.';

/** `from`: what it was taken from; each has a draft of its own. */
const keyOf = (userId: string, from: string): string => `${prefix}${userId}.${from}`;

export function storedDraft(userId: string, from: string): Draft | null {
  try {
    const text = window.sessionStorage.getItem(keyOf(userId, from));
    return text === null ? null : { ...emptyDraft(null), ...(JSON.parse(text) as Partial<Draft>) };
  } catch {
    return null;
  }
}

/** False: there is no room for it, and a reload will lose it. */
export function storeDraft(userId: string, from: string, draft: Draft): boolean {
  const key = keyOf(userId, from);
  try {
    window.sessionStorage.setItem(key, JSON.stringify(draft));
    return true;
  } catch {
    forget(key); // an older one would come back in its place
    return false;
  }
}

export const forgetDraft = (userId: string, from: string): void => forget(keyOf(userId, from));

const forgetting = new Set<() => void>();

/** `listener`: called when all drafts are forgotten; gives a function that ends that. */
export function onDraftsForgotten(listener: () => void): () => void {
  forgetting.add(listener);
  return () => void forgetting.delete(listener);
}

/** Of everybody who wrote in this tab. */
export function forgetDrafts(): void {
  for (const listener of forgetting) listener();
  try {
    for (const key of Object.keys(window.sessionStorage)) if (key.startsWith(prefix)) forget(key);
  } catch {
    // nothing was kept
  }
}

function forget(key: string): void {
  try {
    window.sessionStorage.removeItem(key);
  } catch {
    // nothing was kept
  }
}
