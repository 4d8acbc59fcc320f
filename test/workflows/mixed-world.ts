/** Reviews whose workers are processes of releases that the test chooses. */
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { build as bundleProcess } from 'esbuild';
import type { Context, Core } from '#core/context.ts';
import { cancelSession, decideReview, signalDecision } from '#core/decide-review.ts';
import { startSession } from '#core/start-session.ts';
import { findRun, saveExit } from '#db/runs.ts';
import type { SessionRow } from '#db/sessions.ts';
import type { UserRow } from '#db/users.ts';
import { workflowId } from '#shared/task-queues.ts';
import { consumeForTest } from './consume-for-test.ts';
import { version } from '../../workers/parts/version.ts';
import { listReleases, releaseBundle } from './releases.ts';
import { registerSearchAttributes } from '../../workers/parts/search-attributes.ts';
import { bundleWorkflows } from '../../scripts/lib/bundle-workflows.mjs';
import { createTestCore } from '../support/core.ts';
import { startProcess, type RunningProcess } from '../support/processes.ts';
import { makeAgent, makeConnection, makeUser } from '../support/rows.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Programs and bundles, made once a test file. */
export interface Builds {
  folder: string;
  previous: string;
  today: string;
}

export async function makeBuilds(): Promise<Builds> {
  const folder = await mkdtemp(join(tmpdir(), 'hoop-mixed-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await bundleProcess({
    absWorkingDir: root,
    entryPoints: ['test/workflows/worker-process.ts'],
    outfile: join(folder, 'worker-process.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  });
  // that of this very release is no previous one, unless something came after it
  const isRelease = !/^## Unreleased\n\n-/m.test(await readFile(join(root, 'CHANGELOG.md'), 'utf8'));
  const release = (await listReleases()).filter((name) => !isRelease || name !== version).at(-1) ?? '';
  const [previous, today] = [await releaseBundle(release), await bundleWorkflows(root)];
  await writeFile(join(folder, 'previous.js'), previous);
  await writeFile(join(folder, 'today.js'), today);
  return { folder, previous, today };
}

export interface WorkerChoice {
  workflows: 'previous' | 'today';
  /** None: it polls without one, as 0.1 does. */
  buildId?: string;
  goneAfterMs?: number;
}

export type Verdict = 'approve' | 'reject' | 'cancel';

export interface MixedWorld {
  core: Core;
  /** Sessions that were executed, once each time. */
  executed: string[];
  worker(choice: WorkerChoice): Promise<RunningProcess>;
  /** The build that has the work; empty: workers without one. */
  currentBuild(): Promise<string>;
  ask(connection?: 'bash' | 'brief'): Promise<SessionRow>;
  decide(session: SessionRow, verdict: Verdict): Promise<void>;
  /** The state that the workflow ended with. */
  end(session: SessionRow): Promise<string>;
  close(): Promise<void>;
}

export async function openMixedWorld(builds: Builds): Promise<MixedWorld> {
  const made = await createTestCore();
  const { core } = made;
  const asker = await makeUser(core.db, 'asker@example.com');
  const bob = await makeUser(core.db, 'bob@example.com', ['sre']);
  const agent = await makeAgent(core.db);
  await makeConnection(core.db, agent.id, { name: 'bash', policy: { groups: ['sre'] } });
  await makeConnection(core.db, agent.id, { name: 'brief', policy: { groups: ['sre'] }, expireSeconds: 3 });
  const connection = await NativeConnection.connect({ address: made.temporalAddress });
  await registerSearchAttributes(connection, 'default');
  const executed: string[] = [];
  const gateway = await Worker.create({
    connection,
    taskQueue: core.queues.agent('default'),
    activities: { execute: (key: { sessionId: string }) => execute(core, executed, key.sessionId) },
  });
  const running = gateway.run();
  const processes: RunningProcess[] = [];
  const as = (user: UserRow): Context => ({ core, actor: { kind: 'user', user, via: 'api' } });

  return {
    core,
    executed,
    async worker({ workflows, buildId, goneAfterMs }) {
      const started = startProcess(process.execPath, [join(builds.folder, 'worker-process.mjs')], {
        env: {
          ...process.env,
          DATABASE_URL: made.databaseUrl,
          TEMPORAL_ADDRESS: made.temporalAddress,
          QUEUE_PREFIX: core.queuePrefix,
          BUNDLE: join(builds.folder, `${workflows}.js`),
          BUILD_ID: buildId ?? '',
          GONE_AFTER_MS: goneAfterMs === undefined ? '' : String(goneAfterMs),
        },
      });
      processes.push(started);
      await started.waitForOutput(/^ready$/m, 45_000);
      return started;
    },
    async currentBuild() {
      const { workerDeploymentInfo } = await core.temporal.workflowService.describeWorkerDeployment({
        namespace: 'default',
        deploymentName: core.queues.control,
      });
      return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? '';
    },
    async ask(name = 'bash') {
      const asked = { connection: name, kind: 'exec', scriptEncoding: 'utf8', args: [], env: {} } as const;
      return (await startSession(as(asker), { ...asked, args: [] })).session;
    },
    async decide(session, verdict) {
      const { decision } =
        verdict === 'cancel'
          ? await cancelSession(as(asker), session.id)
          : await decideReview(as(bob), session.id, { verdict, digest: session.digest, reason: 'because' });
      await signalDecision(core, decision);
    },
    async end(session) {
      const handle = core.temporal.workflow.getHandle(workflowId(session.id));
      return ((await handle.result()) as { state: string }).state;
    },
    async close() {
      await Promise.all(processes.map((one) => one.stop()));
      gateway.shutdown();
      await running;
      await connection.close();
      await made.close();
    },
  };
}

export const removeBuilds = (builds: Builds): Promise<void> => rm(builds.folder, { recursive: true, force: true });

async function execute(core: Core, executed: string[], sessionId: string): Promise<{ reason: string }> {
  const before = await findRun(core.db, sessionId);
  const { nonce } = await consumeForTest(core, sessionId);
  // an order that is sent again is the same; a busy machine may miss the beats of the first
  if (before?.nonce !== nonce) executed.push(sessionId);
  await saveExit(core.db, sessionId, {
    type: 'exited',
    sessionId,
    nonce,
    reason: 'exit',
    exitCode: 0,
    signal: null,
    outputBytes: 0,
    durationMs: 1,
    message: '',
  });
  return { reason: 'exit' };
}
