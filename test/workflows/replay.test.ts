import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundle } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { fewestHistories, historiesOf, listReleases, releaseBundle } from './releases.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const releases = await listReleases();
let workflowBundle: WorkflowBundle;

beforeAll(async () => {
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: at('workflows/index.ts'),
    payloadConverterPath: at('workflows/payload-converter.ts'),
    logger: new DefaultLogger('WARN'),
  });
}, 120_000);

async function brokenBy(bundle: WorkflowBundle, release: string): Promise<string[]> {
  const broken: string[] = [];
  for await (const result of Worker.runReplayHistories({ workflowBundle: bundle }, await historiesOf(release))) {
    if (result.error) broken.push(`${result.workflowId}: ${result.error.message}`);
  }
  return broken;
}

describe('histories of every release', () => {
  test('are there, with the workflows that made them: `npm run record-release -- <version>`', async () => {
    const changelog = await readFile(at('CHANGELOG.md'), 'utf8');
    const released = [...changelog.matchAll(/^## (\d+\.\d+\.\d+)/gm)].map((match) => match[1]);
    expect(releases).toEqual(expect.arrayContaining(released));
    for (const release of releases) {
      const files = await readdir(at(`test/histories/${release}`));
      expect(files).toContain('workflow-bundle.js.gz');
      expect(files.filter((file) => file.endsWith('.json')).length).toBeGreaterThanOrEqual(fewestHistories);
    }
  });

  test.each(releases)('of %s replay on the workflows of today', async (release) => {
    expect(await brokenBy(workflowBundle, release)).toEqual([]);
  });

  test.each(releases)('of %s replay on its own workflows', async (release) => {
    expect(await brokenBy({ code: await releaseBundle(release) }, release)).toEqual([]);
  });
});
