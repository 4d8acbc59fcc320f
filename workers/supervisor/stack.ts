import { writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { isLoopback } from '#config/supervisor.ts';
import { migrate } from '#db/migrate.ts';
import { HoopError } from '#shared/errors.ts';
import type { Addresses, EmbeddedTemporal, Stores } from './environment.ts';
import { Keeper, type Part } from './keeper.ts';
import {
  agentPart,
  chooseListen,
  gatewayPart,
  postgresPart,
  sandboxPart,
  temporalPart,
  workerPart,
  type Surroundings,
} from './parts.ts';
import { usesRealSlack } from './real-slack.ts';
import type { RunFile } from './run-file.ts';
import { keptSecret } from './secrets.ts';

/** A part that did not start: who, beside why. */
export class PartFailure extends Error {
  constructor(
    readonly part: string,
    readonly reason: unknown,
  ) {
    super(reason instanceof Error ? reason.message : String(reason), { cause: reason });
  }
}

const readyLimitMs = 30_000;

/** All parts of hoop on this machine, started in the order of their needs and stopped in the reverse. */
export class Stack {
  private readonly keepers: Array<Keeper<unknown>> = [];
  private stopping = false;

  constructor(private readonly surroundings: Surroundings) {}

  async start(): Promise<Omit<RunFile, 'pid'>> {
    const { config } = this.surroundings;
    const secretKey = config.secretKey ?? (await keptSecret(config.paths.secretKey, 'base64'));
    const [databaseUrl, temporal, sandboxUrl] = await allOrFirstFailure([
      this.startDatabase(),
      this.startTemporal(),
      this.startSandbox(),
    ]);
    const stores: Stores = {
      databaseUrl,
      secretKey,
      embeddedTemporal: temporal.embedded,
      temporalUiUrl: temporal.uiUrl,
    };
    const slackUrl = sandboxUrl && (await this.sandboxUnlessRealSlack(databaseUrl, sandboxUrl));
    // Here, so that gateway and worker can start side by side on a schema that is there.
    await this.migrate(databaseUrl);
    const addresses: Addresses = { listen: await chooseListen(this.surroundings), sandboxUrl: slackUrl };
    const [apiUrl] = await allOrFirstFailure([
      this.startGatewayAndAgent(stores, addresses),
      this.begin(workerPart(this.surroundings, stores, addresses)),
    ]);
    await this.waitUntilReady(apiUrl);
    const { address, uiUrl } = temporal;
    return { apiUrl, temporalAddress: address, temporalUiUrl: uiUrl, databaseUrl, sandboxUrl: slackUrl };
  }

  /**
   * Within 10 s. The agent first, while there is a gateway to tell how its commands ended; then what uses the
   * stores; the stores last.
   */
  async stop(): Promise<void> {
    this.stopping = true;
    this.surroundings.abort.abort();
    for (const names of [['agent'], ['worker', 'gateway', 'sandbox'], ['temporal', 'postgres']]) {
      await Promise.all(this.keepers.filter(({ name }) => names.includes(name)).map((keeper) => keeper.stop()));
    }
  }

  kill(): void {
    for (const keeper of this.keepers) keeper.kill();
  }

  /** The agent follows the gateway, which makes the agent's token on the first start. */
  private async startGatewayAndAgent(stores: Stores, addresses: Addresses): Promise<string> {
    const { apiUrl } = await this.begin(gatewayPart(this.surroundings, stores, addresses));
    await this.begin(agentPart(this.surroundings, String(apiUrl)));
    return String(apiUrl);
  }

  private async migrate(databaseUrl: string): Promise<void> {
    try {
      await migrate(databaseUrl, fileURLToPath(new URL('./migrations', import.meta.url)));
    } catch (error) {
      throw new PartFailure('postgres', error);
    }
  }

  private async startDatabase(): Promise<string> {
    const { config } = this.surroundings;
    if (config.databaseUrl) return config.databaseUrl;
    return (await this.begin(postgresPart(this.surroundings))).url;
  }

  private async startTemporal(): Promise<{ address: string; uiUrl?: string; embedded?: EmbeddedTemporal }> {
    const { config } = this.surroundings;
    if (config.ownTemporal) {
      const { connectionOptions } = loadClientConnectConfig({ overrideEnvVars: definedOnly(config.env) });
      return { address: String(connectionOptions.address) };
    }
    const { address, uiUrl } = await this.begin(temporalPart(this.surroundings));
    const configFile = config.paths.temporalConfig;
    await writeFile(configFile, `[profile.default]\naddress = "${address}"\nnamespace = "default"\n`, { mode: 0o600 });
    return { address, uiUrl, embedded: { address, configFile } };
  }

  private async startSandbox(): Promise<string | undefined> {
    const { config, say } = this.surroundings;
    if (config.sandbox === 'off') return undefined;
    if (!isLoopback(config.listen.host)) {
      say(`The Slack sandbox is left out: it lets anyone act as anyone, and HOOP_LISTEN opens hoop to others`);
      return undefined;
    }
    return String((await this.begin(sandboxPart(this.surroundings))).url);
  }

  /** Known only once the database answers; by then the sandbox is up, and ends again. */
  private async sandboxUnlessRealSlack(databaseUrl: string, sandboxUrl: string): Promise<string | undefined> {
    if (!(await usesRealSlack(databaseUrl))) return sandboxUrl;
    this.surroundings.say('A real Slack is configured: the sandbox is left out');
    await this.keepers.find(({ name }) => name === 'sandbox')?.stop();
    return undefined;
  }

  private async begin<T>(part: Part<T>): Promise<T> {
    if (this.stopping) throw new HoopError('start_failed', 'stopped while starting');
    const keeper = new Keeper(part, this.surroundings.say);
    this.keepers.push(keeper);
    const began = performance.now();
    try {
      const details = await keeper.start();
      this.surroundings.say(`${part.title} is up (${((performance.now() - began) / 1000).toFixed(1)} s)`);
      return details;
    } catch (error) {
      throw new PartFailure(part.name, error);
    }
  }

  /** The gateway knows best: its /readyz names what is missing, worker and agent included. */
  private async waitUntilReady(apiUrl: string): Promise<void> {
    const deadline = Date.now() + readyLimitMs;
    for (;;) {
      const problem = await askReadiness(apiUrl);
      if (problem === undefined) return;
      if (this.stopping || Date.now() > deadline) {
        throw new PartFailure('gateway', new HoopError('start_failed', `hoop does not become ready: ${problem}`));
      }
      await wait(50);
    }
  }
}

async function askReadiness(apiUrl: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(5_000) });
    return response.ok ? undefined : (await response.text()).slice(0, 500);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** As Promise.all, but waits for the others before it fails, so that nothing is still starting while all is stopped. */
async function allOrFirstFailure<T extends readonly unknown[]>(promises: [...{ [K in keyof T]: Promise<T[K]> }]) {
  await Promise.allSettled(promises);
  return Promise.all(promises) as Promise<T>;
}
