/** What a run needs of its process, on pipes or in a terminal. */
import type { OutputStream } from '#shared/output-frame.ts';

export interface CommandProcess {
  pid: number;
  /** How the command itself ended; children may be left. */
  exit: Promise<{ exitCode: number | null; signal: string | null }>;
  /** All output has been read, or nobody reads it any more. */
  closed: Promise<unknown>;
  pause(): void;
  resume(): void;
  /** As a key in a terminal would do it. Throws when the process may not be signalled. */
  signal(signal: NodeJS.Signals): void;
  /** Asks all of it to end. */
  end(): void;
  /** SIGKILL to all of it. */
  kill(): void;
  /** Reads no more. */
  release(): void;
}

export interface OutputEvents {
  /** `data` is used again for what comes next. */
  onOutput(stream: OutputStream, data: Buffer): void;
  /** Reading failed; what was read until then is all there is. */
  onReadError(error: Error): void;
}

export class StartFailure extends Error {
  /** Status of a shell for it: 127 not found, 126 not executable. */
  readonly exitCode: 126 | 127;

  constructor(message: string, exitCode: 126 | 127) {
    super(message);
    this.exitCode = exitCode;
  }
}
