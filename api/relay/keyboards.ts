/**
 * Those who type into terminals from here. Each keyboard is a stream's client: its latest `attach` is said again
 * whenever the run comes to an agent's line anew, and what it sends is passed on once the terminal has said how far it
 * has taken it. Nothing typed waits here: a client keeps its bytes until they are acknowledged and sends them again, so
 * between client and terminal there are never more of them than `inputWindowBytes`.
 */
import { encodeInput, inputWindowBytes, type InputChunk } from '#shared/input-frame.ts';
import type { TerminalSize } from '#shared/terminal.ts';

/** A way to the terminals of sessions. Each gives false when the session's run is not to be reached by it now. */
export interface TerminalWay {
  attach(sessionId: string, client: string, size: TerminalSize): boolean;
  resize(sessionId: string, size: TerminalSize): boolean;
  /** `frame`: as `encodeInput` gives it. */
  input(sessionId: string, frame: Uint8Array): boolean;
}

export interface Keyboard {
  /** The client, and the size of its terminal; another one takes its place. */
  attach(client: string, size: TerminalSize): void;
  resize(size: TerminalSize): void;
  /**
   * Passes on what is new and next. The rest is passed over: what came before, what leaves a gap, what comes before the
   * terminal answered the `attach`. False when it is more than may be unacknowledged.
   */
  input(chunk: InputChunk): boolean;
  close(): void;
}

/** `resend`: what the client sent above `offset` may be lost, and is to be sent again from there. */
export type OnTaken = (taken: { client: string; offset: number; resend: boolean }) => void;

export interface Keyboards {
  open(sessionId: string, onTaken: OnTaken): Keyboard;
  /** The run of the session is on an agent's line, for the first time or again. */
  onLine(sessionId: string): void;
  /** The terminal of the session has taken what `client` sent below `offset`. */
  onTaken(sessionId: string, client: string, offset: number): void;
}

interface Key {
  attached?: { client: string; size: TerminalSize };
  /** Acknowledged; undefined until the terminal answers the attach. */
  taken?: number | undefined;
  /** Passed on. */
  passed: number;
  onTaken: OnTaken;
}

/** `ways` are tried in their order. */
export function createKeyboards(ways: readonly TerminalWay[]): Keyboards {
  const sessions = new Map<string, Set<Key>>();

  const sayAttached = (sessionId: string, key: Key): void => {
    if (!key.attached) return;
    const { client, size } = key.attached;
    key.taken = undefined;
    ways.some((way) => way.attach(sessionId, client, size));
  };

  return {
    open(sessionId, onTaken) {
      const key: Key = { passed: 0, onTaken };
      const keys = sessions.get(sessionId) ?? new Set();
      sessions.set(sessionId, keys.add(key));
      return {
        attach(client, size) {
          key.attached = { client, size };
          sayAttached(sessionId, key);
        },
        resize(size) {
          if (key.attached) key.attached.size = size;
          ways.some((way) => way.resize(sessionId, size));
        },
        input({ client, offset, data }) {
          const end = offset + data.length;
          if (client !== key.attached?.client || key.taken === undefined) return true;
          if (offset > key.passed || end <= key.passed) return true;
          if (end > key.taken + inputWindowBytes) return false;
          const frame = encodeInput({ client, offset: key.passed, data: data.subarray(key.passed - offset) });
          // not to be reached now: the next `attach` finds out how far the terminal got
          if (ways.some((way) => way.input(sessionId, frame))) key.passed = end;
          else key.taken = undefined;
          return true;
        },
        close() {
          keys.delete(key);
          if (keys.size === 0 && sessions.get(sessionId) === keys) sessions.delete(sessionId);
        },
      };
    },
    onLine(sessionId) {
      for (const key of sessions.get(sessionId) ?? []) sayAttached(sessionId, key);
    },
    onTaken(sessionId, client, offset) {
      for (const key of sessions.get(sessionId) ?? []) {
        if (key.attached?.client !== client) continue;
        const resend = key.taken === undefined;
        if (resend) key.passed = offset;
        // nothing is taken that was not passed on, whatever the agent says
        const taken = Math.min(Math.max(key.taken ?? 0, offset), key.passed);
        // said again and again it is no news, and would pile up before a client that does not read
        if (!resend && taken === key.taken) continue;
        key.taken = taken;
        key.onTaken({ client, offset: taken, resend });
      }
    },
  };
}
