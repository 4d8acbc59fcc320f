/** A workflow of hoop's own name that does something else: its histories cannot be replayed by the real one. */
import { sleep } from '@temporalio/workflow';

export async function sessionReview(): Promise<void> {
  await sleep('1h');
}
