import { condition, type CancellationScope } from '@temporalio/workflow';
import { cancelAfterMs } from './activity-options.ts';

/**
 * Cancels the activity in `scope` unless it is over, in a workflow task after the one that scheduled it. Cancelled in
 * the same task it would never be sent, and end at a moment that nothing in the history fixes: beside a local activity
 * a replay could see the two in another order, and the workflow would not go on.
 */
export async function cancelApart(scope: CancellationScope, isOver: () => boolean): Promise<void> {
  if (!isOver() && !(await condition(isOver, cancelAfterMs, { summary: 'before a cancellation' }))) scope.cancel();
}
