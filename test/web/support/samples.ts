/** People and sessions for the console's tests. */
import { randomUUID } from 'node:crypto';
import type { Me, SessionDetail } from '#shared/api-schemas.ts';
import { sha256Hex } from '#shared/digest.ts';
import type { OutputEvent } from '#shared/stream-events.ts';

export const password = 'correct horse';

const person = (name: string, groups: string[]): Me => ({
  id: `user-${name.toLowerCase()}`,
  email: `${name.toLowerCase()}@example.com`,
  name,
  groups,
  admin: groups.includes('admin'),
  slackId: null,
});

export const people = {
  rosa: person('Rosa', []),
  sam: person('Sam', ['admin', 'sre']),
  kim: person('Kim', ['sre']),
  omar: person('Omar', ['billing']),
};

/** A session as the fake gateway keeps it; what depends on who looks is worked out when it is asked for. */
export interface StoredSession {
  detail: Omit<SessionDetail, 'url' | 'can' | 'myGroups' | 'review' | 'workflowUrl'>;
  policy: { groups: string[]; minApprovals: number; distinctReviewers: boolean; forceApproveGroups: string[] };
  output: OutputEvent[];
}

export type SessionChanges = Partial<Omit<StoredSession['detail'], 'envelope'>> & {
  envelope?: Partial<SessionDetail['envelope']>;
  groups?: string[];
  minApprovals?: number;
  forceApproveGroups?: string[];
  output?: OutputEvent[];
};

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

export function aSession(changes: SessionChanges = {}): StoredSession {
  const { groups = ['admin', 'sre'], minApprovals = 0, forceApproveGroups = [], output = [], ...rest } = changes;
  const id = rest.id ?? randomUUID();
  const policy = { groups, minApprovals, distinctReviewers: false, forceApproveGroups };
  const bytes = output.map(({ data }) => Buffer.byteLength(data));
  return {
    policy,
    output,
    detail: {
      id,
      kind: 'exec',
      state: 'pending',
      connection: 'bash',
      agent: { name: 'default', online: true },
      requester: people.rosa,
      reason: 'Disk of web-3 is full, looking for what fills it',
      correlationId: null,
      digest: sha256Hex(id),
      envelopeVersion: 1,
      createdAt: minutesAgo(3),
      expiresAt: minutesAgo(3 - 24 * 60),
      stateSince: minutesAgo(3),
      startedAt: null,
      duration: null,
      activeUntil: null,
      terminal: false,
      grant: null,
      endedAt: null,
      exitCode: null,
      exitSignal: null,
      message: null,
      outputBytes: bytes.reduce((sum, count) => sum + count, 0),
      recordingRemovedAt: null,
      policy,
      decisions: [],
      timeline: [],
      ...rest,
      envelope: {
        command: ['bash'],
        args: [],
        script: 'du -xh / | sort -h | tail -20\n',
        scriptEncoding: 'utf8',
        env: {},
        terminal: null,
        connectionEnvNames: [],
        connectionVersion: 3,
        maxRuntimeSeconds: 0,
        maxOutputBytes: 1024 ** 3,
        runAs: null,
        idleSeconds: 0,
        ...rest.envelope,
      },
    },
  };
}

/** A request of connect, for half an hour unless told. */
export function aGrant(changes: SessionChanges = {}): StoredSession {
  const envelope = { script: '', ...changes.envelope };
  return aSession({ kind: 'connect', duration: 1800, groups: ['sre'], ...changes, envelope });
}

/** Output events of texts one after the other, offsets counted over both streams. */
export function outputOf(...texts: Array<[OutputEvent['stream'], string]>): OutputEvent[] {
  let offset = 0;
  return texts.map(([stream, data]) => {
    const event: OutputEvent = { event: 'output', stream, offset, data, encoding: 'utf8' };
    offset += Buffer.byteLength(data);
    return event;
  });
}
