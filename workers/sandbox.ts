/** Process entry of the Slack sandbox. */
import { parseSandboxConfig } from '#config/sandbox.ts';
import { createSandbox } from '#sandbox/server.ts';
import { runProcess } from './parts/process.ts';

await runProcess('sandbox', async (logAt) => {
  const log = logAt('info');
  const config = parseSandboxConfig();
  const sandbox = await createSandbox({ ...config, onError: (error) => log.error({ err: error }, 'request failed') });
  const details = { url: sandbox.url, apiUrl: sandbox.apiUrl, pid: process.pid };
  return { details, stop: () => sandbox.close() };
});
