/** The agent's two programs, built as they ship; apart from dist/, so that these tests need no other part to build. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
let built: Promise<string> | undefined;

/** The path of `agent.js`, with `runner.js` beside it; built once a test process. */
export function agentScript(): Promise<string> {
  built ??= buildAgent();
  return built;
}

async function buildAgent(): Promise<string> {
  // within the repository, where the packages are found
  const folder = join(root, 'node_modules', '.cache', 'hoop-test-agent', String(process.pid));
  mkdirSync(folder, { recursive: true });
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  await build({
    absWorkingDir: root,
    entryPoints: { agent: 'workers/agent.ts', runner: 'workers/runner.ts' },
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  });
  return join(folder, 'agent.js');
}
