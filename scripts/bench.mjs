// `npm run bench -- <subject>`: builds hoop and the bench, then runs one subject of test/bench/ in a process of its own.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'test/bench');
// Inside node_modules, so that what is built finds its packages.
const out = join(root, `node_modules/.cache/hoop-bench-${process.pid}`);

const subjects = readdirSync(source)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => basename(name, '.ts'));
const [subject, ...args] = process.argv.slice(2);

if (!subjects.includes(subject)) {
  const asked = subject === undefined || subject === '--help' || subject === '-h';
  if (!asked) console.error(`There is no bench named ${JSON.stringify(subject)}.`);
  console.error(
    `Usage: npm run bench -- <subject> [options] [--out FILE]\nSubjects: ${subjects.join(', ')}\n` +
      'exec: --samples N --warm-up N; slack, reviews, stream: --only; the sizes of all but exec: test/bench/<subject>/options.ts',
  );
  process.exit(asked && subject !== undefined ? 0 : 64);
}

const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs'), '--quiet'], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

try {
  await build();
  process.exitCode = await run();
} finally {
  await rm(out, { recursive: true, force: true });
}

async function build() {
  const [{ build: bundle }, { DefaultLogger, bundleWorkflowCode }] = await Promise.all([
    import('esbuild'),
    import('@temporalio/worker'),
  ]);
  await mkdir(out, { recursive: true });
  await bundle({
    absWorkingDir: root,
    entryPoints: {
      subject: `test/bench/${subject}.ts`,
      'baseline-worker': 'test/bench/lib/baseline-worker.ts',
      'baseline-bolt': 'test/bench/lib/baseline-bolt.ts',
    },
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(source, 'lib/baseline-workflows.ts'),
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(join(out, 'baseline-bundle.js'), code);
}

/** Ctrl-C reaches the bench too, which stops what it started; this process waits for that. */
function run() {
  const child = spawn(process.execPath, ['--enable-source-maps', join(out, 'subject.mjs'), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
