/** What Temporal lists of hoop's workflows; it lists a change a moment later. */
import { workflowType } from '#workflows/messages.ts';
import { eventually } from '#test/support/eventually.ts';
import type { ReviewsBench } from './stage.ts';

const withinMs = 40 * 60_000;

const ofHoop = `WorkflowType = '${workflowType}' AND ExecutionStatus = 'Running'`;

/** Resolves once no workflow of hoop runs. */
export async function untilClosed({ baseline: { client } }: Pick<ReviewsBench, 'baseline'>): Promise<void> {
  await eventually(async () => (await client.workflow.count(ofHoop)).count === 0, {
    ...{ deadlineMs: withinMs, everyMs: 100 },
    describe: 'all workflows have closed',
  });
}

/** Resolves once so many wait for reviewers. */
export async function untilWaiting({ baseline: { client } }: Pick<ReviewsBench, 'baseline'>, count: number) {
  await eventually(
    async () => (await client.workflow.count(`${ofHoop} AND HoopState = 'pending'`)).count >= count || undefined,
    { deadlineMs: withinMs, everyMs: 250, describe: `${count} workflows wait` },
  );
}
