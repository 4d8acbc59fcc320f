/** Process entry of the agent. Needs HOOP_GATEWAY_URL, and HOOP_AGENT_TOKEN until it has enrolled. */
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { startAgent, type Agent } from '#agent/agent.ts';
import { readAgentConfig } from '#config/agent.ts';
import { HoopError } from '#shared/errors.ts';
import { version } from './parts/version.ts';

/** The supervisor's request to stop; without `stopCommands` they go on under the runner. */
interface ShutdownMessage {
  type: 'shutdown';
  stopCommands?: boolean;
}

async function main(): Promise<void> {
  const config = readAgentConfig();
  const log = pino({ name: 'agent', level: config.logLevel });
  const stopping: { by?: string } = {};
  const started = startAgent({
    ...config,
    version,
    runnerScript: fileURLToPath(new URL('./runner.js', import.meta.url)),
    log,
    onReady: ({ agent, instanceId }) => {
      log.info({ agent, instanceId }, 'ready');
      process.send?.({ type: 'ready', agent, instanceId });
    },
  });

  const end = async (by: string, how: (agent: Agent) => Promise<void>) => {
    if (stopping.by !== undefined) return;
    stopping.by = by;
    await how(await started);
    process.exit(0);
  };
  async function drain(agent: Agent): Promise<void> {
    log.info({ by: stopping.by }, 'the agent takes no new commands, and stops; those that run go on');
    await agent.drain(config.drainMs);
  }
  async function leave(agent: Agent): Promise<void> {
    log.info({ by: stopping.by }, 'the agent stops; running commands go on');
    await agent.leave();
  }
  async function stopEverything(agent: Agent): Promise<void> {
    const commands = await agent.shutdown();
    log.info({ commands }, 'the agent and its commands have stopped');
    if (process.connected) await new Promise((resolve) => process.send?.({ type: 'stopped', commands }, resolve));
  }

  /** A second one does not wait for anything. */
  const onSignal = (signal: string): void => {
    if (stopping.by === signal) void started.then(leave).finally(() => process.exit(0));
    else void end(signal, drain);
  };
  process.on('SIGTERM', () => onSignal('SIGTERM'));
  // Ctrl-C reaches the whole group of the terminal; a supervisor then says itself what is to happen
  process.on('SIGINT', () => void (process.channel === undefined && onSignal('SIGINT')));
  process.on('disconnect', () => void end('the end of its supervisor', leave));
  process.on('message', (message) => {
    if (isShutdown(message)) void end('its supervisor', message.stopCommands === true ? stopEverything : leave);
  });
  await started;
}

function isShutdown(message: unknown): message is ShutdownMessage {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'shutdown';
}

try {
  await main();
} catch (error) {
  if (!(error instanceof HoopError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(error.exit);
}
