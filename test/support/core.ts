/** A core on the file's own database and task queues, for tests that call verbs directly. */
import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import { HoopError } from '#shared/errors.ts';
import { taskQueues } from '#shared/task-queues.ts';
import type { Core } from '#core/context.ts';
import { createSealer } from '#core/sealer.ts';
import { openDatabase } from '#db/pool.ts';
import { createTestDatabase } from './postgres.ts';
import { useTemporal } from './temporal.ts';

export interface TestCore {
  core: Core;
  databaseUrl: string;
  temporalAddress: string;
  close(): Promise<void>;
}

const noSlack = (): never => {
  throw new HoopError('slack_unavailable', 'there is no Slack in this test');
};

export async function createTestCore(over: Partial<Core> = {}): Promise<TestCore> {
  const database = await createTestDatabase();
  const temporal = await useTemporal();
  const connection = await Connection.connect({ address: temporal.address });
  const db = openDatabase({ url: database.url });
  const core: Core = {
    db,
    temporal: new Client({ connection, namespace: temporal.namespace }),
    queues: taskQueues(temporal.taskQueuePrefix),
    queuePrefix: temporal.taskQueuePrefix,
    publicUrl: 'http://hoop.test',
    temporalAddress: temporal.address,
    temporalUiUrl: null,
    sealer: createSealer([randomBytes(32)]),
    slack: { apiUrlFor: noSlack, verify: noSlack, resolveChannels: noSlack, listChannels: noSlack, postTest: noSlack },
    log: pino({ level: 'silent' }),
    now: () => new Date(),
    ...over,
  };
  return {
    core,
    databaseUrl: database.url,
    temporalAddress: temporal.address,
    async close() {
      await connection.close();
      await db.end();
      await database.drop();
    },
  };
}
