import { EventEmitter } from 'node:events';

/** Something the page may want to read again. Ids only; what to show is asked for. */
export interface Change {
  kind: 'message' | 'view' | 'workspace';
  channel?: string;
  user?: string;
}

/** Announces changes to whoever watches: the page. */
export class Feed {
  private readonly emitter = new EventEmitter<{ change: [Change] }>().setMaxListeners(0);

  announce(change: Change): void {
    this.emitter.emit('change', change);
  }

  /** Calls `listener` for each change until the function it returns is called. */
  watch(listener: (change: Change) => void): () => void {
    this.emitter.on('change', listener);
    return () => this.emitter.off('change', listener);
  }
}
