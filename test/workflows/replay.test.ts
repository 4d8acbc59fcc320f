import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../histories/', import.meta.url));
const source = (path: string): string => fileURLToPath(new URL(`../../workflows/${path}`, import.meta.url));

describe('histories of every release', () => {
  test('replay on the workflows of today', async () => {
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.json'));
    expect(files.length).toBeGreaterThanOrEqual(8);
    const histories = await Promise.all(
      files.map(async (file) => ({
        workflowId: file,
        history: JSON.parse(await readFile(join(folder, file), 'utf8')) as unknown,
      })),
    );
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: source('index.ts'),
      payloadConverterPath: source('payload-converter.ts'),
      logger: new DefaultLogger('WARN'),
    });
    const broken: string[] = [];
    for await (const result of Worker.runReplayHistories({ workflowBundle }, histories)) {
      if (result.error) broken.push(`${result.workflowId}: ${result.error.message}`);
    }
    expect(broken).toEqual([]);
  }, 120_000);
});
