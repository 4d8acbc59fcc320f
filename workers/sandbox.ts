import pino from 'pino';
import { sandboxConfig } from '#config/sandbox.ts';
import { createSandbox } from '#sandbox/server.ts';

/** The process of the Slack sandbox: ready over IPC and in its log, gone when its parent is. */
const log = pino({ name: 'sandbox' });

async function main(): Promise<void> {
  const config = sandboxConfig();
  const sandbox = await createSandbox({ ...config, onError: (error) => log.error({ err: error }, 'request failed') });
  let stopping = false;
  const stop = async (why: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    await sandbox.close();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  process.on('disconnect', () => void stop('the parent process is gone'));
  const details = { url: sandbox.url, apiUrl: sandbox.apiUrl, pid: process.pid };
  log.info(details, 'ready');
  process.send?.({ type: 'ready', ...details });
}

main().catch((error: unknown) => {
  log.fatal({ err: error }, 'the sandbox could not start');
  process.exit(1);
});
