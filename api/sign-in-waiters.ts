/** Requests for the token of a device code that wait until somebody decides: one a code, the newest. */
import type { ServerResponse } from 'node:http';

export interface SignInWaiters {
  /**
   * True once there is reason to look: it was decided, the time is over, or notices may have been missed. False when a
   * newer request waits in its place, or `answer` was closed by whoever waits for it.
   */
  wait(id: string, timeoutMs: number, answer: ServerResponse): Promise<boolean>;
  decided(id: string): void;
  /** Notices may have been missed: everybody reads the rows. */
  lookAgain(): void;
}

export function createSignInWaiters(): SignInWaiters {
  const waiters = new Map<string, (look: boolean) => void>();
  return {
    wait(id, timeoutMs, answer) {
      waiters.get(id)?.(false);
      if (answer.closed) return Promise.resolve(false);
      return new Promise((resolve) => {
        const gone = (): void => end(false);
        const end = (look: boolean): void => {
          clearTimeout(timer);
          answer.removeListener('close', gone);
          if (waiters.get(id) === end) waiters.delete(id);
          resolve(look);
        };
        const timer = setTimeout(() => end(true), timeoutMs);
        answer.once('close', gone);
        waiters.set(id, end);
      });
    },
    decided: (id) => waiters.get(id)?.(true),
    lookAgain() {
      for (const end of waiters.values()) end(true);
    },
  };
}
