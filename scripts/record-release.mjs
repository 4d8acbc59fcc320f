// Records a release for the releases after it: `node scripts/record-release.mjs 0.2.0` writes test/histories/0.2.0/
// with its workflows as they ship and one history a story that the workflow tests tell.
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundleWorkflows, withoutSourceMap } from './lib/bundle-workflows.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [version, ...rest] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+$/.test(version ?? '') || rest.length > 0) {
  console.error('usage: npm run record-release -- <version>, e.g. 0.2.0');
  process.exit(64);
}
const folder = join(root, 'test/histories', version);
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const bundle = withoutSourceMap(await bundleWorkflows(root));
await writeFile(join(folder, 'workflow-bundle.js.gz'), gzipSync(bundle, { level: 9 }));

const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const runTests = (...args) =>
  spawnSync(process.execPath, [vitest, 'run', ...args], {
    cwd: root,
    env: { ...process.env, RECORD_HISTORIES: version },
    stdio: 'inherit',
  }).status === 0;
const aboutReleases = ['replay', 'mixed-builds'].map((name) => `test/workflows/${name}`);
const skip = aboutReleases.flatMap((path) => ['--exclude', `${path}*`]);

if (!runTests('test/workflows', ...skip) || !runTests(aboutReleases[0])) {
  console.error(`not recorded whole: ${folder} is removed`);
  await rm(folder, { recursive: true, force: true });
  process.exit(1);
}
console.log(`${(await readdir(folder)).length - 1} histories and the workflows of ${version} are in ${folder}`);
