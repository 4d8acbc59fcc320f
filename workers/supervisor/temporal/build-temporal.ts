import { spawn } from 'node:child_process';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { temporalModule } from './release.ts';

export interface BuildOptions {
  go: string;
  /** The user's environment: Go's proxy and cache settings are in it. */
  env: NodeJS.ProcessEnv;
  target: string;
  say: (line: string) => void;
}

const showEveryMs = 5_000;

/** `go install` of the Temporal CLI; a few minutes the first time. The program appears at `target` whole or not at all. */
export async function buildTemporal({ go, env, target, say }: BuildOptions): Promise<void> {
  say(`Temporal: building it with Go (once; a few minutes): go install ${temporalModule}`);
  const folder = await mkdtemp(join(dirname(target), '.build-'));
  try {
    await goInstall(go, { ...env, GOBIN: folder, GO111MODULE: 'on' }, folder, say);
    await rename(join(folder, 'temporal'), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function goInstall(
  go: string,
  env: NodeJS.ProcessEnv,
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  const child = spawn(go, ['install', '-v', temporalModule], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const began = Date.now();
  let compiled = 0;
  let shown = began;
  let lastLine = '';
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastLine = line;
    compiled += 1;
    if (Date.now() - shown < showEveryMs) return;
    shown = Date.now();
    const verb = line.startsWith('go: ') ? 'fetching' : 'compiling';
    say(`Temporal: ${verb} (${compiled} packages, ${Math.round((shown - began) / 1000)} s): ${line.slice(0, 60)}`);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`go install failed: ${lastLine || `exit status ${code}`}`);
}
