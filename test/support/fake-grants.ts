/** Grants of the fake gateway, as the tests of `hoop connect` meet them. */
import { randomUUID } from 'node:crypto';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { eventually } from './eventually.ts';
import type { FakeSession } from './fake-api.ts';
import type { HoopCli } from './hoop-cli.ts';

const isGrant = ({ kind, grant }: SessionDetail): boolean => kind === 'connect' && grant === null;

/** The grant that was asked for last, once somebody watches it. */
export function grantOf({ api }: HoopCli): Promise<FakeSession> {
  return watched(() => api.sessionOf(isGrant));
}

/** The `n`th command under it, counted from 0, once somebody watches it. */
export function commandOf({ api }: HoopCli, n = 0): Promise<FakeSession> {
  return watched(() => [...api.sessions.values()].filter(({ view }) => view.kind === 'exec')[n]);
}

export function extensionOf({ api }: HoopCli): Promise<FakeSession> {
  return watched(() => api.sessionOf(({ kind, grant }) => kind === 'connect' && grant !== null));
}

/** A grant of the person from before, active for so long. */
export function activeGrant({ api }: HoopCli, seconds = 1500, more: Partial<SessionDetail> = {}): FakeSession {
  const grant = api.addSession({ id: randomUUID(), kind: 'connect', duration: 1800, ...more });
  grant.active(seconds);
  return grant;
}

function watched(find: () => FakeSession | undefined): Promise<FakeSession> {
  const found = () => {
    try {
      return find();
    } catch {
      return undefined;
    }
  };
  return eventually(() => ((found()?.sockets.size ?? 0) > 0 ? found() : undefined), {
    describe: 'a line to the stream of the session',
  });
}
