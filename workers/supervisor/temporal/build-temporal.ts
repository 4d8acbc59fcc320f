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
  signal?: AbortSignal;
}

const showEveryMs = 5_000;

/** `go install` of the Temporal CLI; a few minutes the first time. The program appears at `target` whole or not at all. */
export async function buildTemporal(options: BuildOptions): Promise<void> {
  const { target, say } = options;
  say(`Temporal: building it with Go (once; a few minutes): go install ${temporalModule}`);
  const folder = await mkdtemp(join(dirname(target), '.build-'));
  try {
    await goInstall(options, folder);
    await rename(join(folder, 'temporal'), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function goInstall({ go, env, say, signal }: BuildOptions, folder: string): Promise<void> {
  const child = spawn(go, ['install', '-v', temporalModule], {
    cwd: folder,
    env: { ...env, GOBIN: folder, GO111MODULE: 'on' },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
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
