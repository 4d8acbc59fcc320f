/**
 * Temporal's Worker Versioning, so that old and new workers may run at once: workflow tasks and Slack activities go
 * to the workers of one build only, the current one, and reviews that wait go over to it with their next task.
 * https://docs.temporal.io/worker-versioning, docs/decisions/2026-11-23-worker-versioning.md
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import type { WorkerDeploymentOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { HoopError } from '#shared/errors.ts';
import { takesOver, type CurrentBuild } from './build-order.ts';

export interface WorkerBuild {
  deploymentName: string;
  buildId: string;
}

/** A worker polls at least once a minute; one that has not for so long is gone. */
const goneAfterMs = 90_000;
const lookEveryMs = 10_000;
const startWithinMs = 30_000;
const tryAgainAfterMs = 50;
/** `TaskQueueType` of Temporal's API (temporal/api/enums/v1/task_queue.proto). */
const workflowTasks = 1;
/** gRPC's status codes: invalid argument, not found, permission denied, unimplemented, unauthenticated. */
const grpc = { invalid: 3, notFound: 5, denied: 7, unimplemented: 12, unauthenticated: 16 } as const;

/** The release and a digest of what runs; builds of the same sources are the same, wherever they were made. */
export async function readBuildId(release: string, files: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    const code = await readFile(file, 'utf8');
    const sourceMap = code.lastIndexOf('//# sourceMappingURL=');
    hash.update(sourceMap === -1 ? code : code.slice(0, sourceMap));
  }
  return `${release}-${hash.digest('hex').slice(0, 12)}`;
}

/** One deployment an installation; Temporal keeps `.` and `:` in its name for itself. */
export function workerBuild(controlQueue: string, buildId: string): WorkerBuild {
  return { deploymentName: controlQueue.replaceAll(/[.:]/g, '_'), buildId };
}

export function versioned(version: WorkerBuild): WorkerDeploymentOptions {
  return { version, useWorkerVersioning: true, defaultVersioningBehavior: 'AUTO_UPGRADE' };
}

export interface LeadOptions {
  client: Client;
  build: WorkerBuild;
  /** Whose pollers tell which builds are alive. */
  controlQueue: string;
  log: Logger;
  lookEveryMs?: number;
  goneAfterMs?: number;
}

/**
 * Makes this build the current one unless a newer release is, and sees to it from then on: the newest release with a
 * worker alive is current. Call it while the workers poll. Gives back how to stop looking.
 * Throws `unavailable` when Temporal refuses.
 */
export async function leadWithBuild(options: LeadOptions): Promise<() => Promise<void>> {
  const lead = new BuildLead(options);
  const deadline = Date.now() + startWithinMs;
  for (;;) {
    try {
      await lead.look('start');
      break;
    } catch (error) {
      if (isFinal(error) || Date.now() > deadline) throw refused(options.build, error);
      // Temporal does not know the build before its first poll has come
      await new Promise((resolve) => setTimeout(resolve, tryAgainAfterMs));
    }
  }
  let looking: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    looking = lead
      .look('later')
      .catch((err: Error) => options.log.warn({ err }, 'Temporal did not say or set which build is current'));
  }, options.lookEveryMs ?? lookEveryMs);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

class BuildLead {
  /** The last poll of another build that is current, and when it was seen, by our clock. */
  private seen = { buildId: '', poll: '', at: 0 };

  constructor(private readonly options: LeadOptions) {}

  async look(moment: 'start' | 'later'): Promise<void> {
    const { client, build, log } = this.options;
    const { current, conflictToken } = await this.current();
    if (!takesOver(build.buildId, current, moment)) {
      if (moment === 'start' && current?.buildId !== build.buildId) {
        log.warn({ build, current }, 'workers of a newer release run: this one stands by until they are gone');
      }
      return;
    }
    await client.workflowService.setWorkerDeploymentCurrentVersion({
      namespace: client.options.namespace,
      ...build,
      // somebody else was faster: look again
      ...(conflictToken ? { conflictToken } : {}),
      // a queue that only another release polls is none that this one needs
      ignoreMissingTaskQueues: true,
    });
    log.info({ build, before: current?.buildId ?? null }, 'workflow tasks go to this build from now on');
  }

  private async current(): Promise<{ current: CurrentBuild | null; conflictToken?: Uint8Array | null | undefined }> {
    const { client, build } = this.options;
    try {
      const { workerDeploymentInfo, conflictToken } = await client.workflowService.describeWorkerDeployment({
        namespace: client.options.namespace,
        deploymentName: build.deploymentName,
      });
      const buildId = workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId;
      if (!buildId) return { current: null, conflictToken };
      const alive = buildId === build.buildId || (await this.isAlive(buildId));
      return { current: { buildId, alive }, conflictToken };
    } catch (error) {
      if (codeOf(error) === grpc.notFound) return { current: null };
      throw error;
    }
  }

  /** Temporal lists pollers for minutes after their end: a build is alive while the time of its last poll moves. */
  private async isAlive(buildId: string): Promise<boolean> {
    const { client, controlQueue, goneAfterMs: limit = goneAfterMs } = this.options;
    const answer = await client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: controlQueue },
      taskQueueType: workflowTasks,
    });
    const polls = (answer.pollers ?? [])
      .filter((poller) => poller.deploymentOptions?.buildId === buildId)
      .map(({ lastAccessTime }) => `${lastAccessTime?.seconds}.${lastAccessTime?.nanos}`);
    const poll = polls.sort().at(-1) ?? '';
    if (this.seen.buildId !== buildId || this.seen.poll !== poll) this.seen = { buildId, poll, at: performance.now() };
    return performance.now() - this.seen.at <= limit;
  }
}

function isFinal(error: unknown): boolean {
  const finals: unknown[] = [grpc.invalid, grpc.denied, grpc.unimplemented, grpc.unauthenticated];
  return finals.includes(codeOf(error));
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function refused({ deploymentName, buildId }: WorkerBuild, cause: unknown): HoopError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new HoopError(
    'unavailable',
    `Temporal did not make this build current (${reason}). hoop needs Temporal 1.29.1 or newer, and the right to run:\n` +
      `temporal worker deployment set-current-version --deployment-name ${deploymentName} --build-id ${buildId}`,
    { cause },
  );
}
