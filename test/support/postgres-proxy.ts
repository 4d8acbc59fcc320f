/** A line to Postgres that breaks when a test says so. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export type ProxyMode =
  | 'pass'
  /** New connections and those that are open are ended. */
  | 'refuse'
  /** Bytes of clients wait until the mode changes. */
  | 'hang'
  /** The line breaks before Postgres hears of a commit, after it has done one, or the first commit waits on the line. */
  | 'cut_before_commit'
  | 'cut_after_commit'
  | 'hold_commit';

export interface PostgresProxy {
  url: string;
  set(mode: ProxyMode): void;
  /** How many commits came by since the start. */
  commits(): number;
}

export async function startPostgresProxy(databaseUrl: string): Promise<PostgresProxy> {
  const target = new URL(databaseUrl);
  const pairs = new Set<{ client: Socket; server: Socket; waiting: Buffer[] }>();
  let mode: ProxyMode = 'pass';
  let commits = 0;
  let holding = false;

  const listener = createServer((client) => {
    if (mode === 'refuse') return client.destroy();
    const server = connect(Number(target.port || 5432), target.hostname);
    const pair = { client, server, waiting: [] as Buffer[] };
    pairs.add(pair);
    let cutOnReply = false;
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('close', end).on('error', end);
    client.on('data', (data: Buffer) => {
      const isCommit = data.includes('commit\0');
      if (isCommit) commits += 1;
      if (isCommit && mode === 'cut_before_commit') return end();
      if (isCommit && mode === 'cut_after_commit') cutOnReply = true;
      const isHeld = isCommit && mode === 'hold_commit' && !holding;
      if (isHeld) holding = true;
      if (mode === 'hang' || isHeld || pair.waiting.length > 0) pair.waiting.push(data);
      else server.write(data);
    });
    server.on('data', (data: Buffer) => {
      if (cutOnReply) end();
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((listener.address() as AddressInfo).port);

  const set = (next: ProxyMode): void => {
    mode = next;
    holding = false;
    for (const pair of pairs) {
      if (mode === 'refuse') pair.client.destroy();
      else if (mode !== 'hang') for (const data of pair.waiting.splice(0)) pair.server.write(data);
    }
  };
  onTestFinished(() => {
    set('refuse');
    listener.close();
  });
  return { url: url.href, set, commits: () => commits };
}
