import type { OutputChunk } from '#shared/output-frame.ts';
import type { SessionState } from '#shared/session-states.ts';
import type { ConnectionView, SessionView } from '#shared/api-schemas.ts';
import { appendOutput } from '#db/runs.ts';
import { endSession, setState } from '#db/sessions.ts';
import { makeAgent } from '#test/support/rows.ts';
import type { TestApi } from './api.ts';
import type { Caller } from './client.ts';

/** Agent `default` and connection `bash`, reviewed by these groups. */
export async function addConnection(api: TestApi, admin: Caller, reviewers: string[]): Promise<ConnectionView> {
  await makeAgent(api.db);
  const made = await admin.post<ConnectionView>('/api/connections', {
    name: 'bash',
    agent: 'default',
    command: ['bash'],
    reviewers,
  });
  if (made.status !== 201) throw new Error(`connection: ${JSON.stringify(made.body)}`);
  return made.body;
}

export async function askToRun(caller: Caller, body: Record<string, unknown> = {}): Promise<SessionView> {
  const answer = await caller.post<SessionView>('/api/sessions', { connection: 'bash', script: 'ls', ...body });
  if (answer.status !== 201) throw new Error(`session: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** What the relay and the workflow do to a session's rows, and what they tell the feed. */
export async function moveTo(api: TestApi, id: string, state: SessionState): Promise<void> {
  await setState(api.db, id, state);
  api.feed.publish(id, { kind: 'state' });
}

export async function store(api: TestApi, id: string, chunks: OutputChunk[], tell = true): Promise<void> {
  const upTo = await appendOutput(api.db, id, chunks);
  if (upTo === undefined) throw new Error('the output does not follow what is stored');
  if (tell) api.feed.publish(id, { kind: 'output', upTo });
}

export async function finish(api: TestApi, id: string, exitCode = 0): Promise<void> {
  await endSession(api.db, id, { state: 'finished', exitCode, exitSignal: null, message: null, cause: null });
  api.feed.publish(id, { kind: 'state' });
}

/** Text as a chunk of stdout. */
export function chunk(offset: number, text: string | Buffer, stream: OutputChunk['stream'] = 'stdout'): OutputChunk {
  return { stream, offset, data: Buffer.from(text) };
}
