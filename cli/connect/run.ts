/** One run under a grant: an exec session that nobody has to review. */
import { randomUUID } from 'node:crypto';
import type { SessionView } from '#shared/api-schemas.ts';
import { exitCodes } from '#shared/errors.ts';
import type { ApiClient } from '../client.ts';
import type { CtrlC } from '../exec/ctrl-c.ts';
import { Follower } from '../exec/follow.ts';
import { encodeScript } from '../exec/request.ts';
import type { Sink } from '../exec/sink.ts';
import { submit } from '../exec/submit.ts';

export interface Surroundings {
  client: ApiClient;
  ctrlC: CtrlC;
  sink: Sink;
  silent: boolean;
}

/** Gives the command's own exit status. */
export async function runUnder(
  grant: SessionView,
  script: Buffer,
  { client, ctrlC, sink, silent }: Surroundings,
): Promise<number> {
  ctrlC.startsAnew(() => (ctrlC.count > 1 ? process.exit(exitCodes.interrupted) : undefined));
  const { id, connection } = grant;
  const request = { id: randomUUID(), connection, kind: 'exec', grant: id, ...encodeScript(script) } as const;
  const view = await submit(client, request, silent, ctrlC);
  if (view === null) return exitCodes.interrupted;
  const follower = new Follower(client, view, sink, { silent, waitMs: null, timeoutGiven: false });
  const ended = follower.run();
  ctrlC.goesTo(() => follower.onInterrupt());
  if (ctrlC.count > 0) follower.onInterrupt();
  return ended;
}
