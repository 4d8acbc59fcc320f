/**
 * Process entry of the runner: `node runner.js <agent directory>`. The agent starts it, detached; it owns the running
 * commands and outlives the agent.
 */
import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { openHome } from '#agent/home.ts';
import { startRunnerProcess } from '#agent/runner/process.ts';

const [directory] = process.argv.slice(2);
/** On a full disk words are lost: pino's own destination would wait for room, and every command with it. */
const destination = {
  write(line: string): void {
    try {
      writeSync(process.stdout.fd, line);
    } catch {
      // nobody is there to be told
    }
  },
};
const log = pino({ name: 'runner' }, destination);

if (directory === undefined) {
  log.fatal('the runner is started by the agent, with its directory as the one argument');
  process.exit(64);
}
process.chdir('/');
process.on('SIGHUP', () => undefined);
process.on('uncaughtException', (error) => {
  // one broken session must not take the others' pipes with it
  log.error({ err: error }, 'unexpected error');
});

const runner = await startRunnerProcess(openHome(directory), log, () => process.exit(0));
process.on('SIGTERM', runner.terminate);
process.on('SIGINT', runner.terminate);
process.send?.({ type: 'ready', runner: runner.file });
