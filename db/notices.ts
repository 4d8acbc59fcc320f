/** NOTIFY and LISTEN: who waits for a change is told, with ids only and never with bytes. */
import pg from 'pg';
import { z } from 'zod';
import { consoleTopics } from '#shared/console-events.ts';
import { parseJson } from '#shared/parse-json.ts';
import type { Queryable } from './pool.ts';

const notice = z.discriminatedUnion('kind', [
  /** Something about a session that people are shown changed. */
  z.object({ kind: z.literal('state'), id: z.string() }),
  /** Output of a session is in Postgres up to `offset`. */
  z.object({ kind: z.literal('output'), id: z.string(), offset: z.number() }),
  /** Whoever holds the agent that runs the session passes the signal on. */
  z.object({ kind: z.literal('interrupt'), id: z.string() }),
  /** The grant that it runs under lasts longer. */
  z.object({ kind: z.literal('extended'), id: z.string() }),
  /** An agent came or went. */
  z.object({ kind: z.literal('agent'), name: z.string() }),
  /** A command fewer runs on the agent and the connection, or more may run there at once. */
  z.object({ kind: z.literal('place'), agent: z.string(), connection: z.string().optional() }),
  /** Somebody confirmed or denied a sign-in of the CLI. */
  z.object({ kind: z.literal('sign_in'), id: z.string() }),
  /** A plugin was configured anew. */
  z.object({ kind: z.literal('plugin'), name: z.string() }),
  /** A socket of the Slack app came free, or was taken from a gateway whose lease had run out. */
  z.object({ kind: z.literal('slack_sockets'), appId: z.string() }),
  /** Something that admins are shown in a list changed, where none of the above says so. */
  z.object({ kind: z.literal('changed'), topic: z.enum(consoleTopics) }),
]);
export type Notice = z.infer<typeof notice>;

const channel = 'hoop';

/** Inside a transaction the notice goes out with its commit. */
export async function notify(db: Queryable, what: Notice): Promise<void> {
  await db.query('select pg_notify($1, $2)', [channel, JSON.stringify(what)]);
}

/** As `notify`, of what rows tell anyhow: the commit that sends it waits for no disk. */
export async function notifyLoosely(db: Queryable, what: Notice): Promise<void> {
  const text = "select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)";
  await db.query(text, [channel, JSON.stringify(what)]);
}

export interface NoticeListener {
  close(): Promise<void>;
}

export interface ListenOptions {
  url: string;
  onNotice: (what: Notice) => void;
  /** Called after every (re)connection: what was missed meanwhile has to be read from the rows. */
  onConnected: () => void;
  onError: (error: Error) => void;
}

/** Listens until closed, over a connection of its own that is made again whenever it breaks. */
export async function listen(options: ListenOptions): Promise<NoticeListener> {
  let closed = false;
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;

  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: options.url, application_name: 'hoop-listen', keepAlive: true });
    next.on('notification', (message) => {
      const parsed = notice.safeParse(parseJson(message.payload ?? ''));
      if (parsed.success) options.onNotice(parsed.data);
    });
    next.on('error', options.onError);
    next.on('end', () => {
      if (!closed && client === next) reconnect(100);
    });
    await next.connect();
    await next.query(`listen ${channel}`);
    client = next;
    options.onConnected();
  };
  const reconnect = (delayMs: number): void => {
    client = undefined;
    retry = setTimeout(() => {
      if (closed) return;
      connect().catch((error: Error) => {
        options.onError(error);
        reconnect(Math.min(delayMs * 2, 5000));
      });
    }, delayMs);
  };
  await connect();
  return {
    async close() {
      closed = true;
      clearTimeout(retry);
      await client?.end();
    },
  };
}
