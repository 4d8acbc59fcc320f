/**
 * What clients of a terminal sent and the terminal has not yet taken, in the order of arrival. Each client numbers its
 * bytes; what was sent again after a broken line is passed over. Pure.
 */
import { inputWindowBytes } from '#shared/input-frame.ts';

export interface TypedInput {
  /** A client is there, known or new; gives up to where its input was written, undefined when there are too many. */
  attach(client: string): number | undefined;
  /** Leaves out what is known, and all that does not follow on it or goes beyond the window. */
  push(client: string, offset: number, data: Buffer): void;
  /** What is to be written next. */
  next(): Buffer | undefined;
  /** The first `bytes` of `next` were written; gives what its client may be told, and whether `next` is another now. */
  written(bytes: number): { client: string; offset: number; isDone: boolean };
}

interface Client {
  received: number;
  written: number;
}

/** More than anybody has windows open; the one that came first is forgotten, once its input was written. */
const maxClients = 16;

export function createTypedInput(): TypedInput {
  const clients = new Map<string, Client>();
  const waiting: { name: string; client: Client; data: Buffer }[] = [];

  function makeRoom(): boolean {
    for (const [name, { received, written }] of clients) {
      if (clients.size < maxClients) break;
      if (received === written) clients.delete(name);
    }
    return clients.size < maxClients;
  }

  return {
    attach(name) {
      const known = clients.get(name);
      if (known !== undefined) return known.written;
      if (!makeRoom()) return undefined;
      clients.set(name, { received: 0, written: 0 });
      return 0;
    },
    push(name, offset, data) {
      const client = clients.get(name);
      if (client === undefined || offset > client.received) return;
      const room = client.written + inputWindowBytes - offset;
      const news = data.subarray(client.received - offset, Math.max(0, room));
      if (news.length === 0) return;
      client.received += news.length;
      waiting.push({ name, client, data: news });
    },
    next: () => waiting[0]?.data,
    written(bytes) {
      const [first] = waiting;
      if (first === undefined || bytes > first.data.length) throw new RangeError('nothing of that length was waiting');
      first.client.written += bytes;
      first.data = first.data.subarray(bytes);
      const isDone = first.data.length === 0;
      if (isDone) waiting.shift();
      return { client: first.name, offset: first.client.written, isDone };
    },
  };
}
