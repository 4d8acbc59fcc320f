/**
 * What clients of a terminal sent and the terminal has not yet taken, in the order of arrival. Each client numbers its
 * bytes; what was sent again after a broken line is passed over. Pure.
 */
import { inputFrameBytes, inputWindowBytes } from '#shared/input-frame.ts';

export interface TypedInput {
  /** A client is there, known or new; gives up to where its input was written, undefined when there are too many. */
  attach(client: string): number | undefined;
  /** Leaves out what is known, and all that does not follow on it or goes beyond the window. */
  push(client: string, offset: number, data: Buffer): void;
  /** What is to be written next. */
  next(): Buffer | undefined;
  /** The first `bytes` of `next` were written; gives what its client may be told, and whether `next` is another now. */
  written(bytes: number): { client: string; offset: number; isDone: boolean };
  /** How many pieces wait. */
  pieces(): number;
}

interface Client {
  received: number;
  written: number;
  /** Its pieces that wait, and the last of them. */
  pieces: number;
  last: Piece | undefined;
}

interface Piece {
  name: string;
  client: Client;
  /** What is to be written is its first `length` bytes; there may be room behind them. */
  bytes: Buffer;
  length: number;
}

/** More than anybody has windows open. Where more come, the one that was quiet longest and of which nothing waits goes. */
const maxClients = 16;
/** Of so many that had to go it is known how far they were, should they come back. */
const maxGone = 1024;
/**
 * So many pieces of a client wait as they came, which tells keys from what was pasted. More than that nobody types:
 * they are put together, for a piece takes far more memory than the byte that may be in it.
 */
const keptApart = 64;

export function createTypedInput(): TypedInput {
  const clients = new Map<string, Client>();
  /** Up to where the input of those was written that had to go. */
  const gone = new Map<string, number>();
  const waiting: Piece[] = [];

  function makeRoom(): boolean {
    for (const [name, { received, written }] of clients) {
      if (clients.size < maxClients) break;
      if (received > written) continue;
      clients.delete(name);
      gone.set(name, written);
    }
    for (const name of gone.keys()) if (gone.size > maxGone) gone.delete(name);
    return clients.size < maxClients;
  }

  /** Undefined when there are too many. The clients are in the order in which they were heard of last. */
  function heardOf(name: string): Client | undefined {
    let client = clients.get(name);
    if (client === undefined) {
      const offset = gone.get(name) ?? 0;
      if (!makeRoom()) return undefined;
      gone.delete(name);
      client = { received: offset, written: offset, pieces: 0, last: undefined };
    }
    clients.delete(name);
    clients.set(name, client);
    return client;
  }

  return {
    attach: (name) => heardOf(name)?.written,
    push(name, offset, data) {
      if (!clients.has(name) && !gone.has(name)) return;
      const client = heardOf(name);
      if (client === undefined || offset > client.received) return;
      const room = client.written + inputWindowBytes - offset;
      const news = data.subarray(client.received - offset, Math.max(0, room));
      if (news.length === 0) return;
      client.received += news.length;
      // the last of so many is not the one that is being written
      if (client.last !== undefined && client.pieces >= keptApart && append(client.last, news)) return;
      client.last = { name, client, bytes: news, length: news.length };
      client.pieces += 1;
      waiting.push(client.last);
    },
    next() {
      const [first] = waiting;
      return first?.bytes.subarray(0, first.length);
    },
    written(bytes) {
      const [first] = waiting;
      if (first === undefined || bytes > first.length) throw new RangeError('nothing of that length was waiting');
      const { name, client } = first;
      client.written += bytes;
      first.bytes = first.bytes.subarray(bytes);
      first.length -= bytes;
      const isDone = first.length === 0;
      if (isDone) {
        waiting.shift(); // there are never so many that this takes long
        client.pieces -= 1;
        if (client.last === first) client.last = undefined;
      }
      return { client: name, offset: client.written, isDone };
    },
    pieces: () => waiting.length,
  };
}

/** False when it does not fit. The room of a piece doubles, so that no byte is copied often. */
function append(piece: Piece, data: Buffer): boolean {
  const length = piece.length + data.length;
  if (length > inputFrameBytes) return false;
  if (length > piece.bytes.length) {
    const larger = Buffer.allocUnsafe(Math.min(2 * length, inputFrameBytes));
    piece.bytes.copy(larger, 0, 0, piece.length);
    piece.bytes = larger;
  }
  data.copy(piece.bytes, piece.length);
  piece.length = length;
  return true;
}
