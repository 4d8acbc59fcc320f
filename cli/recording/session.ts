/** The session whose recording somebody wants to see, or why there is none. */
import { paths } from '#shared/api-paths.ts';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { oneLine } from '#shared/safe-text.ts';
import type { ApiClient } from '../client.ts';
import { resolveSessionId } from '../resolve-session.ts';
import { say, usageError } from '../terminal.ts';
import { localStamp } from '../times.ts';

/** Throws a usage error for a grant: it runs nothing itself. Says so where the recording is not kept any more. */
export async function findRecorded(client: ApiClient, text: string): Promise<SessionDetail> {
  const session = await client.get<SessionDetail>(paths.session(await resolveSessionId(client, text)));
  if (session.kind === 'connect') {
    throw usageError(
      `${session.id} is a grant; what ran under it has recordings of its own: ` +
        `hoop sessions list --kind exec --connection ${oneLine(session.connection)}`,
    );
  }
  // a gateway of a release before does not know
  if (session.recordingRemovedAt) {
    say(`The recording was removed on ${localStamp(session.recordingRemovedAt)}: its time was over.`);
  }
  return session;
}
