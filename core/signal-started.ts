/** Tells a workflow that its command runs and lasts. Only for show: the rows say the same to whoever asks them. */
import { workflowId } from '#shared/task-queues.ts';
import { started } from '#workflows/messages.ts';
import type { Core } from './context.ts';

/** Does not wait. Should it fail, the workflow goes on showing the command as queued until its end. */
export function signalStarted(core: Core, sessionId: string): void {
  const handle = core.temporal.workflow.getHandle(workflowId(sessionId));
  handle.signal(started, sessionId).catch((error: Error) => {
    core.log.warn({ sessionId, err: error }, 'the workflow was not told that the command runs');
  });
}
