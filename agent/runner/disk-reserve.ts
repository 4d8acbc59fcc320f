/**
 * Room that is given up when the disk is full, so that commands that end then can say so: without the record of its end
 * a run would count as lost, or keep everybody waiting until somebody makes room.
 */
import { closeSync, ftruncateSync, openSync, truncateSync, writeSync } from 'node:fs';
import { isErrno } from '../files.ts';

export interface DiskReserve {
  /** Gives the room to whoever writes next; throws nothing. */
  give(): void;
  /** Takes it again; false: there is no room. */
  refill(): boolean;
}

/** A block each for the ends of some dozen commands. */
const reserveBytes = 256 * 1024;

export function createDiskReserve(path: string): DiskReserve {
  let isHeld = false;
  const reserve: DiskReserve = {
    give() {
      if (!isHeld) return;
      try {
        truncateSync(path, 0);
      } catch (error) {
        // whoever asks for room tries again; it must not fail over this
        if (!isErrno(error, 'ENOENT')) return;
      }
      isHeld = false;
    },
    refill() {
      if (isHeld) return true;
      try {
        const file = openSync(path, 'w', 0o600);
        try {
          isHeld = writeSync(file, Buffer.alloc(reserveBytes)) === reserveBytes;
          if (!isHeld) ftruncateSync(file, 0);
        } finally {
          closeSync(file);
        }
      } catch {
        isHeld = false;
      }
      return isHeld;
    },
  };
  reserve.refill();
  return reserve;
}
