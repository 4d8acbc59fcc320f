import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { startTestPostgres } from './services/postgres.ts';
import { findTestTemporal, testTemporals } from './services/temporal.ts';
import { openRunFolder } from './services/run-folder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the test processes ask for what they share: PostgreSQL, Temporal, the built programs. */
    testServices: string;
  }
}

/**
 * Once a run, in vitest's own process. Nothing is started before a test file asks for it, so that a run of pure
 * tests starts at once; whoever asks second waits for what the first one got started.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await openRunFolder();
  const stops: Array<() => Promise<void>> = [];
  const services: Record<string, () => Promise<unknown>> = {
    '/postgres': once(() => startTestPostgres(folder, (stop) => stops.push(stop))),
    '/temporal': testTemporals(folder, (stop) => stops.push(stop)),
    '/build': once(build),
  };
  const server = createServer((request, response) => {
    const service = services[request.url ?? ''];
    if (!service) return void response.writeHead(404).end();
    service().then(
      (answer) => response.end(JSON.stringify(answer)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  // What can take minutes on a fresh machine must not eat into the time limit of the test that happens to ask first.
  await findTestTemporal();
  if (isWholeRun()) await services['/build']?.();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  project.provide('testServices', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.close();
    server.closeAllConnections();
    await Promise.all(stops.map((stop) => stop()));
    await folder.remove();
  };
}

/** `vitest run` without names of files. */
function isWholeRun(): boolean {
  return process.argv.slice(2).every((argument) => argument === 'run' || argument.startsWith('-'));
}

function once<T>(start: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  // what failed is tried again by who asks next
  return () => (started ??= start().catch((error: unknown) => ((started = undefined), Promise.reject(error))));
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Processes are tested as they ship, from dist/. */
function build(): Promise<{ root: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'scripts/build.mjs'), '--quiet'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let problem = '';
    child.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve({ root }) : reject(new Error(`npm run build: ${problem}`))));
  });
}
