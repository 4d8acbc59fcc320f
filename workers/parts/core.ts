/** The parts that gateway and worker share: Postgres, Temporal, keys, Slack. */
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { ServerConfig } from '#config/server.ts';
import { taskQueues } from '#shared/task-queues.ts';
import type { Core } from '#core/context.ts';
import { createSealer, parseSecretKeys } from '#core/sealer.ts';
import { openDatabase } from '#db/pool.ts';
import { createSlackVerifier } from '#slack/verifier.ts';

export interface OpenedCore {
  core: Core;
  connection: NativeConnection;
  namespace: string;
  close(): Promise<void>;
}

/** Connects to Temporal and Postgres; throws when one of them is not there. */
export async function openCore(config: ServerConfig, publicUrl: string, log: Logger): Promise<OpenedCore> {
  installRuntime(log);
  const namespace = config.temporal.namespace ?? 'default';
  const db = openDatabase({
    url: config.databaseUrl,
    max: 20,
    onError: (error) => log.warn({ err: error }, 'a connection to Postgres broke'),
  });
  await db.query('select 1');
  const connection = await NativeConnection.connect(config.temporal.connectionOptions);
  const core: Core = {
    db,
    temporal: new Client({ connection, namespace }),
    queues: taskQueues(config.queuePrefix),
    queuePrefix: config.queuePrefix,
    publicUrl,
    temporalAddress: config.temporal.connectionOptions.address ?? null,
    temporalUiUrl: config.temporalUiUrl === undefined ? null : `${config.temporalUiUrl}/namespaces/${namespace}`,
    sealer: createSealer(parseSecretKeys(config.secretKey)),
    slack: createSlackVerifier({ slackApiUrl: config.slackApiUrl, sandboxUrl: config.sandboxUrl ?? null, log }),
    log,
    now: () => new Date(),
  };
  return {
    core,
    connection,
    namespace,
    async close() {
      await connection.close();
      await db.end();
    },
  };
}

/** The SDK's own messages go to our log, and its signal handlers are left out: the process stops by its own rules. */
function installRuntime(log: Logger): void {
  const say = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
  Runtime.install({
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      log[say[level]]({ temporal: meta }, message);
    }),
    shutdownSignals: [],
  });
}
