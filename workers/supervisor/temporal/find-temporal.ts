import { execFile } from 'node:child_process';
import { access, constants, mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { HoopError } from '#shared/errors.ts';
import { waitForLock } from '../process-lock.ts';
import { buildTemporal } from './build-temporal.ts';
import { downloadTemporal } from './download-temporal.ts';
import { releaseFor, temporalModule, temporalVersion, type Release } from './release.ts';

export interface FindTemporalOptions {
  /** `temporal` and `go` are looked for in its PATH; a build with Go runs in it. */
  env: NodeJS.ProcessEnv;
  /** Folder for what is downloaded or built; shared by all homes of a user. */
  cacheFolder: string;
  /** Takes one line on what is going on. */
  say: (line: string) => void;
  /** Breaks off a download or a build. */
  signal?: AbortSignal;
  /** Where to download from; null never downloads. Default: the official release for this machine. */
  release?: Release | null;
}

/**
 * The `temporal` program, which carries the development server and its UI. In this order: on PATH, in our cache, the
 * official download, built by Go. Everything after PATH ends up in the cache, under a lock, so it happens once.
 */
export async function findTemporal(options: FindTemporalOptions): Promise<string> {
  const { env, cacheFolder, say } = options;
  const installed = await findOnPath('temporal', env.PATH);
  if (installed) {
    if (await answers(installed)) return installed;
    say(`${installed} does not answer to --version; looking further`);
  }
  const cached = join(cacheFolder, `temporal-${temporalVersion}`);
  if (await isProgram(cached)) return cached;

  await mkdir(cacheFolder, { recursive: true });
  const lock = await waitForLock(`${cached}.lock`, () => say('another hoop is fetching Temporal; waiting for it'));
  try {
    if (!(await isProgram(cached))) await fetchTemporal(options, cached);
    return cached;
  } finally {
    await lock.release();
  }
}

async function fetchTemporal({ env, say, signal, release = releaseHere() }: FindTemporalOptions, target: string) {
  const tried: string[] = ['no `temporal` on PATH'];
  if (release) {
    try {
      return await downloadTemporal(release, target, say, signal);
    } catch (error) {
      signal?.throwIfAborted();
      tried.push(`the download failed (${reason(error)})`);
    }
  } else {
    tried.push('no official download for this machine');
  }
  say(`Temporal: ${tried.at(-1)}; building it with Go instead`);
  const go = await findOnPath('go', env.PATH);
  try {
    if (!go) throw new Error('no `go` on PATH');
    return await buildTemporal({ go, env, target, say, signal });
  } catch (error) {
    tried.push(reason(error));
  }
  throw new HoopError('start_failed', helpWithout(tried));
}

const releaseHere = () => releaseFor(process.platform, process.arch) ?? null;

function helpWithout(tried: string[]): string {
  return [
    `Temporal could not be had: ${tried.join('; ')}. One of these helps:`,
    '  - install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on PATH',
    `  - install Go 1.24 or newer; hoop then runs: go install ${temporalModule}`,
    '  - set TEMPORAL_ADDRESS to a Temporal server that runs already (host:port)',
  ].join('\n');
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function findOnPath(name: string, path = ''): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    if (folder && (await isProgram(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** A broken wrapper or a program of another architecture on PATH must not stop the start. */
async function answers(program: string): Promise<boolean> {
  return promisify(execFile)(program, ['--version'], { timeout: 10_000 }).then(
    ({ stdout }) => stdout.includes('temporal'),
    () => false,
  );
}
