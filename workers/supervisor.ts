import { mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSupervisorConfig, type SupervisorConfig } from '#config/supervisor.ts';
import { HoopError } from '#shared/errors.ts';
import { followAddress } from './supervisor/cli-config.ts';
import { Logs } from './supervisor/logs.ts';
import { takeLock } from './supervisor/process-lock.ts';
import { ProcessRecords } from './supervisor/records.ts';
import { readRunFile, removeRunFile, writeRunFile } from './supervisor/run-file.ts';
import { Screen, shortPath, type Terminal } from './supervisor/screen.ts';
import { PartFailure, Stack } from './supervisor/stack.ts';

/** Exit status after a start that was broken off by a signal, as shells count it. */
const interrupted = 130;

/** `hoop start`: everything at once, until a signal. Gives the exit status. */
export async function runSupervisor(terminal: Terminal = process.stdout): Promise<number> {
  try {
    return await startOnce(terminal);
  } catch (error) {
    if (!(error instanceof HoopError)) throw error;
    new Screen(terminal).line(`hoop: ${error.message}`);
    return error.exit;
  }
}

async function startOnce(terminal: Terminal): Promise<number> {
  const config = parseSupervisorConfig();
  await mkdir(config.paths.home, { recursive: true, mode: 0o700 });
  const lock = await takeLock(config.paths.lock);
  if ('heldBy' in lock) throw await alreadyRunning(config, lock.heldBy.pid);
  try {
    return await superviseUntilSignal(config, new Screen(terminal));
  } finally {
    await lock.release();
  }
}

async function alreadyRunning({ paths }: SupervisorConfig, pid: number): Promise<HoopError> {
  const run = await readRunFile(paths.runFile);
  const where = run?.pid === pid ? ` Its console: ${run.apiUrl}.` : ' It is still starting.';
  return new HoopError(
    'already_running',
    `one is running on ${shortPath(paths.home)} already (process ${pid}).${where} ` +
      'Use that one, stop it first, or give this one a home of its own with HOOP_HOME.',
  );
}

async function superviseUntilSignal(config: SupervisorConfig, screen: Screen): Promise<number> {
  const began = performance.now();
  await removeRunFile(config.paths.runFile); // One of a run that was killed.
  const records = new ProcessRecords(config.paths.processes);
  const left = await records.endLeftovers();
  if (left.length > 0) screen.progress(`Ended what the last run left behind: ${left.join(', ')}`);

  const logs = new Logs(config.paths.logs);
  const abort = new AbortController();
  const stack = new Stack({ config, logs, records, say: screen.progress, abort });
  const signals = listenForSignals(stack, screen);
  let status = 0;
  try {
    const started = await Promise.race([stack.start(), signals.first]);
    if (started) {
      const run = { pid: process.pid, ...started };
      await followAddress(config.paths.cliConfig, config.paths.apiUrl, run.apiUrl);
      await writeRunFile(config.paths.runFile, run);
      screen.summary({
        run,
        prefix: commandPrefix(config),
        adminPasswordFile: config.paths.adminPassword,
        logs: config.paths.logs,
        seconds: (performance.now() - began) / 1000,
      });
      await signals.first;
    } else status = interrupted;
  } catch (error) {
    status = 1;
    await showFailure(error, logs, screen);
  }
  await stack.stop();
  // What was just starting when all was stopped.
  await records.endLeftovers();
  signals.close();
  await removeRunFile(config.paths.runFile);
  await records.clear();
  logs.close();
  screen.line('hoop has stopped.');
  return status;
}

interface Signals {
  first: Promise<undefined>;
  close(): void;
}

/** The first signal stops in order, also in the middle of the start; the second one kills. */
function listenForSignals(stack: Stack, screen: Screen): Signals {
  const names: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  let count = 0;
  let report: (nothing: undefined) => void = () => undefined;
  const first = new Promise<undefined>((resolve) => (report = resolve));
  const onSignal = () => {
    count += 1;
    if (count === 1) {
      screen.line('\nStopping hoop; commands that are running are ended too. (Again to kill everything at once.)');
      report(undefined);
    } else {
      stack.kill();
      process.exit(interrupted);
    }
  };
  for (const name of names) process.on(name, onSignal);
  return {
    first,
    close: () => names.forEach((name) => process.off(name, onSignal)),
  };
}

async function showFailure(error: unknown, logs: Logs, screen: Screen): Promise<void> {
  const isPart = error instanceof PartFailure;
  // A refusal in words says all; the log helps with what nobody foresaw.
  const explained = isPart && error.reason instanceof HoopError && error.reason.code === 'port_taken';
  const lines = isPart && !explained ? await logs.lastLines(error.part, 12) : [];
  const problem = error instanceof Error ? error.message : String(error);
  screen.failure(problem, lines, isPart ? logs.pathOf(error.part) : undefined);
}

/** How the second terminal reaches this hoop: from a clone by npx, and with the home where it is not the usual one. */
function commandPrefix({ paths, isDefaultHome }: SupervisorConfig): string {
  const isClone = existsSync(fileURLToPath(new URL('../scripts/start.mjs', import.meta.url)));
  const command = isClone ? 'npx hoop' : 'hoop';
  return isDefaultHome ? command : `HOOP_HOME=${quoted(paths.home)} ${command}`;
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
