/** Sends a new request so that it is made once, whatever becomes of the answers. */
import { paths } from '#shared/api-paths.ts';
import type { SessionView } from '#shared/api-schemas.ts';
import { HoopError } from '#shared/errors.ts';
import type { ApiClient } from '../client.ts';
import { say } from '../terminal.ts';
import type { CtrlC } from './ctrl-c.ts';
import type { SessionRequest } from './request.ts';
import { retrying } from './retry.ts';

/** A lost reply or a gateway that restarts: the same request, with the same id, is sent again for so long. */
const submitTriesMs = 10_000;
const answerWithinMs = 15_000;

/** Null: Ctrl-C ended the tries. What was made is given all the same; who calls withdraws it. */
export async function submit(
  client: ApiClient,
  request: SessionRequest,
  silent: boolean,
  ctrlC: CtrlC,
): Promise<SessionView | null> {
  // Loaded while the gateway thinks.
  void import('ws');
  try {
    return await retrying(() => client.post<SessionView>(paths.sessions, request, { timeoutMs: answerWithinMs }), {
      forMs: submitTriesMs,
      onFirstFailure: ({ message }) => silent || say(`hoop: ${message} Trying again for ${submitTriesMs / 1000} s...`),
      isStopped: () => ctrlC.count > 0,
    });
  } catch (error) {
    if (ctrlC.count === 0 || !(error instanceof HoopError) || error.code !== 'unavailable') throw error;
    say(`hoop: the gateway cannot be reached; should the request be there: hoop sessions cancel ${request.id}`);
    return null;
  }
}
