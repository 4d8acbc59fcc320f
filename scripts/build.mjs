// Builds dist/ from source: the server processes, the CLI, the workflow bundle and the two pages.
// Every step is skipped while its inputs hash to what dist/.stamps.json remembers, so a second run takes a moment.
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from './lib/bundle-workflows.mjs';
import { compressFiles } from './lib/compress-files.mjs';
import { hashInputs } from './lib/hash-inputs.mjs';
import { linkBin } from './lib/link-bin.mjs';
import { withLock } from './lib/lock.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const stampFile = join(dist, '.stamps.json');
const quiet = process.argv.includes('--quiet');
const say = (line) => quiet || console.log(line);

const serverEntries = ['gateway', 'worker', 'agent', 'runner', 'sandbox', 'supervisor'];
const sourceFolders = ['shared', 'config', 'db', 'core', 'workflows', 'activities', 'slack', 'api', 'agent', 'workers'];
const always = ['package-lock.json', 'scripts/build.mjs', 'scripts/lib/bundle-workflows.mjs'];

/** What there is to build, and what each result depends on. Parts whose source is missing are named and left out. */
const steps = [
  ...serverEntries.map((name) => ({
    name: `${name}.js`,
    source: `workers/${name}.ts`,
    inputs: [...sourceFolders, 'sandbox'],
    run: () => buildServer(name),
  })),
  {
    name: 'hoop.js',
    source: 'cli/main.ts',
    inputs: ['cli', 'shared', 'config', 'package.json', 'slack/manifest.json'],
    run: buildCli,
  },
  {
    name: 'workflow-bundle.js',
    source: 'workflows/index.ts',
    inputs: ['workflows', 'shared'],
    run: buildWorkflows,
  },
  { name: 'migrations', source: 'db/migrations', inputs: ['db/migrations'], run: copyMigrations },
  {
    name: 'web',
    source: 'vite.web.config.ts',
    inputs: ['web', 'shared', 'vite.web.config.ts', 'postcss.config.cjs', 'scripts/lib'],
    run: () => buildPage('vite.web.config.ts', 'web', compressFiles),
  },
  {
    name: 'sandbox-page',
    source: 'vite.sandbox.config.ts',
    inputs: ['sandbox', 'shared', 'vite.sandbox.config.ts', 'postcss.config.cjs'],
    run: () => buildPage('vite.sandbox.config.ts', 'sandbox-page'),
  },
];

async function buildServer(name) {
  const { build } = await import('esbuild');
  const result = await build({
    absWorkingDir: root,
    entryPoints: { [name]: `workers/${name}.ts` },
    outdir: dist,
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap: true,
    logLevel: 'silent',
  });
  await Promise.all(result.outputFiles.map(writeWhole));
}

/** Commander loads it for commands that are programs of their own; `cli/no-child-process.ts` says what that costs. */
const commanderStartsNoProcess = {
  name: 'commander-starts-no-process',
  setup({ onResolve }) {
    onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      /[\\/]node_modules[\\/]commander[\\/]/.test(importer)
        ? { path: join(root, 'cli/no-child-process.ts') }
        : { path: 'node:child_process', external: true },
    );
  },
};

/** The CLI carries all it needs: a clone's `npx hoop` and a global install start without resolving any package. */
async function buildCli() {
  const { build } = await import('esbuild');
  const result = await build({
    absWorkingDir: root,
    entryPoints: { hoop: 'cli/main.ts' },
    outdir: dist,
    bundle: true,
    splitting: true,
    chunkNames: 'cli/[name]-[hash]',
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [commanderStartsNoProcess],
    // Optional speed-ups of ws; it works without them.
    external: ['bufferutil', 'utf-8-validate'],
    // Packages written for require() find it here.
    banner: {
      js: "#!/usr/bin/env node\nimport{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    logLevel: 'silent',
  });
  // Chunks first: the entry must never name one that is not there yet.
  const [entries, chunks] = [true, false].map((wanted) =>
    result.outputFiles.filter((file) => (dirname(file.path) === dist) === wanted),
  );
  await Promise.all(chunks.map(writeWhole));
  for (const entry of entries) {
    await writeWhole(entry);
    await chmod(entry.path, 0o755);
  }
  await removeOldChunks(new Set(chunks.map((file) => file.path)));
}

/** Chunks of earlier builds stay for a while: a `hoop exec` that is running may still load one. */
async function removeOldChunks(current) {
  const folder = join(dist, 'cli');
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (!current.has(path) && Date.now() - mtimeMs > 3_600_000) await rm(path);
  }
}

async function buildWorkflows() {
  await writeWhole({ path: join(dist, 'workflow-bundle.js'), contents: await bundleWorkflows(root) });
}

async function copyMigrations() {
  await rm(join(dist, 'migrations'), { recursive: true, force: true });
  await cp(join(root, 'db/migrations'), join(dist, 'migrations'), { recursive: true });
}

async function buildPage(configFile, name, finish = async () => {}) {
  // A test runner's NODE_ENV would make it React's development build.
  process.env.NODE_ENV = 'production';
  const { build } = await import('vite');
  const fresh = join(dist, `.${name}-${process.pid}`);
  await build({
    root,
    configFile: join(root, configFile),
    logLevel: 'warn',
    build: { outDir: fresh, emptyOutDir: true },
  });
  await finish(join(fresh, 'assets'));
  await rm(join(dist, name), { recursive: true, force: true });
  await rename(fresh, join(dist, name));
}

/** Whoever reads sees the old file or the new one, never half of it. */
async function writeWhole({ path, contents }) {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, contents);
  await rename(draft, path);
}

async function readStamps() {
  try {
    return JSON.parse(await readFile(stampFile, 'utf8'));
  } catch {
    return {};
  }
}

async function runStep(step, stamps) {
  if (!existsSync(join(root, step.source))) return say(`  left out  ${step.name} (no ${step.source})`);
  const hash = await hashInputs(root, [...step.inputs, ...always]);
  if (stamps[step.name] === hash && existsSync(join(dist, step.name))) return;
  const began = performance.now();
  await step.run();
  stamps[step.name] = hash;
  await writeWhole({ path: stampFile, contents: JSON.stringify(stamps, null, 2) });
  say(`  built     ${step.name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

async function build() {
  const stamps = await readStamps();
  // Two cores: one step after the other costs little more than all at once, and the messages stay readable.
  const failures = [];
  for (const step of steps) {
    try {
      await runStep(step, stamps);
    } catch (error) {
      delete stamps[step.name];
      failures.push(step.name);
      console.error(`  failed    ${step.name}\n${describe(error)}`);
    }
  }
  await linkBin(root);
  return failures;
}

function describe(error) {
  if (!Array.isArray(error?.errors) || error.errors.length === 0) return error?.stack ?? String(error);
  return error.errors
    .map(({ text, location }) => `    ${location ? `${location.file}:${location.line}: ` : ''}${text}`)
    .join('\n');
}

const failures = await withLock(join(dist, '.build.lock'), build);
if (failures.length > 0) {
  console.error(`The build of ${failures.join(', ')} failed, for the reasons above.`);
  process.exit(1);
}
// webpack and vite leave handles behind that would keep the process for seconds.
process.exit(0);
