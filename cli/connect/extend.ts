/** `hoop connect --extend`: more time for an active grant, reviewed like any other request. */
import { paths } from '#shared/api-paths.ts';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { exitCodes } from '#shared/errors.ts';
import { Follower } from '../exec/follow.ts';
import { submit } from '../exec/submit.ts';
import { say, usageError } from '../terminal.ts';
import { findActiveGrant, findExtension } from './own-grants.ts';
import { grantRequest, type Wanted } from './request.ts';
import type { Surroundings } from './run.ts';
import { earlierText, moreText } from './words.ts';

/** Waits for the review; gives the exit status. Throws a usage error when there is nothing to extend. */
export async function extendGrant(wanted: Wanted, { client, ctrlC, sink, silent }: Surroundings): Promise<number> {
  const tell = (text: string) => silent || say(text);
  const { connection } = wanted;
  const grant = await findActiveGrant(client, connection);
  if (!grant) {
    throw usageError(`You have no active grant of ${connection} to extend. Ask for one: hoop connect ${connection}`);
  }
  const earlier = await findExtension(client, grant.id, wanted);
  if (earlier.view) tell(earlierText(earlier.view));
  else if (earlier.why !== null) tell(earlier.why);
  ctrlC.goesTo(() => (ctrlC.count > 1 ? process.exit(exitCodes.interrupted) : undefined));
  const view = earlier.view ?? (await submit(client, grantRequest(wanted, grant.id), silent, ctrlC));
  if (view === null) return exitCodes.interrupted;
  const follower = new Follower(client, view, sink, { silent, waitMs: null, timeoutGiven: false });
  const ended = follower.run();
  ctrlC.goesTo(() => follower.onInterrupt());
  if (ctrlC.count > 0) follower.onInterrupt();
  const status = await ended;
  if (status === exitCodes.ok && !silent) {
    const now = await client.get<SessionDetail>(paths.session(grant.id)).catch(() => null);
    say(moreText(grant, now?.activeUntil ?? null, view));
  }
  return status;
}
