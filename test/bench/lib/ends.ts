/** Tells when sessions end, as everybody who watches hears it: by the notices of Postgres, and then from the rows. */
import type pg from 'pg';
import { listen, type NoticeListener } from '#db/notices.ts';
import { now } from './clock.ts';

export interface Ended {
  state: string;
  /** When their row was read, in milliseconds since the epoch. */
  at: number;
}

export class Ends {
  private readonly waiting = new Map<string, (ended: Ended) => void>();
  private readonly changed = new Set<string>();
  private readonly db: pg.Client;
  private reading = false;
  private listener: NoticeListener | undefined;

  private constructor(db: pg.Client) {
    this.db = db;
  }

  static async open(url: string, db: pg.Client): Promise<Ends> {
    const ends = new Ends(db);
    ends.listener = await listen({
      url,
      onNotice: (notice) => notice.kind === 'state' && ends.note([notice.id]),
      onConnected: () => ends.note(ends.waiting.keys()),
      onError: (error) => console.error(error),
    });
    return ends;
  }

  /** To be called before what ends it. */
  of(id: string): Promise<Ended> {
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  async close(): Promise<void> {
    await this.listener?.close();
  }

  private note(ids: Iterable<string>): void {
    for (const id of ids) if (this.waiting.has(id)) this.changed.add(id);
    if (!this.reading && this.changed.size > 0) void this.read();
  }

  /** One reading at a time: under load it reads many at once. */
  private async read(): Promise<void> {
    this.reading = true;
    while (this.changed.size > 0) {
      const ids = [...this.changed];
      this.changed.clear();
      const { rows } = await this.db.query<{ id: string; state: string }>(
        'select id, state from sessions where id = any($1) and ended_at is not null',
        [ids],
      );
      const at = now();
      for (const { id, state } of rows) {
        this.waiting.get(id)?.({ state, at });
        this.waiting.delete(id);
      }
    }
    this.reading = false;
  }
}
