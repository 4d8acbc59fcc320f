/**
 * Writes the histories that `replay.test.ts` replays: run with RECORD_HISTORIES=<version> for a release, once, e.g.
 * `RECORD_HISTORIES=0.1.0 npx vitest run test/workflows/session-review.test.ts`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

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
  await mkdir(folder, { recursive: true });
  await writeFile(
    `${folder}${name}.json`,
    `${JSON.stringify(JSON.parse(historyToJSON(history), withoutStack), null, 1)}\n`,
  );
}

/** A stack names folders of the machine that recorded it, and replay does not look at it. */
function withoutStack(key: string, value: unknown): unknown {
  return key === 'stackTrace' ? '' : value;
}
