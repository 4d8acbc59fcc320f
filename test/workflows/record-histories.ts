/**
 * Writes the histories that `replay.test.ts` replays, once a release: `npm run record-release -- <version>` runs the
 * workflow tests with RECORD_HISTORIES=<version>. A history is called after the title of its test.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

/** How many histories the test of a title has recorded. */
const recorded = new Map<string, number>();

export async function recordHistory(client: Client, workflowId: string, title: string): Promise<void> {
  const version = process.env['RECORD_HISTORIES'];
  if (!version) return;
  const folder = fileURLToPath(new URL(`../histories/${version}/`, import.meta.url));
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const name = title
    .replace(/^.*> /, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 80);
  const count = (recorded.get(name) ?? 0) + 1;
  recorded.set(name, count);
  await mkdir(folder, { recursive: true });
  await writeFile(
    `${folder}${count === 1 ? name : `${name}-${count}`}.json`,
    `${JSON.stringify(JSON.parse(historyToJSON(history), withoutStack), null, 1)}\n`,
    { flag: 'wx' }, // two tests of one title would leave one history
  );
}

/** A stack names folders of the machine that recorded it, and replay does not look at it. */
function withoutStack(key: string, value: unknown): unknown {
  return key === 'stackTrace' ? '' : value;
}
