/** hoop's own words on stderr, and a way out that loses no byte. */
import { errorKinds, HoopError, isErrorCode, type ErrorCode } from '#shared/errors.ts';
import { showInvisible } from '#shared/safe-text.ts';

/** One or more lines on stderr. Whatever came from others is harmless afterwards. */
export function say(text: string): void {
  process.stderr.write(`${showInvisible(text)}\n`);
}

/** Text on stdout; whatever came from others is harmless afterwards. */
export function print(text: string): void {
  process.stdout.write(`${showInvisible(text)}\n`);
}

/** Says what went wrong, never a stack, and gives the exit status. */
export function reportError(error: unknown): number {
  if (error instanceof HoopError) {
    say(`hoop: ${error.message}`);
    return error.exit;
  }
  const message = error instanceof Error ? error.message : String(error);
  say(`hoop: unexpected error: ${message}`);
  return errorKinds.internal.exit;
}

export function usageError(message: string): HoopError {
  return new HoopError('invalid_input', message);
}

/** An error the gateway answered with; codes of a newer gateway fall back to what the HTTP status says. */
export function answeredError(status: number, code: string | undefined, message: string): HoopError {
  return new HoopError(code !== undefined && isErrorCode(code) ? code : codeOfStatus(status), message);
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return 'not_signed_in';
  if (status === 403) return 'not_allowed';
  if (status === 404) return 'not_found';
  if (status === 413) return 'too_large';
  if (status === 429) return 'too_many_attempts';
  if (status === 502 || status === 503 || status === 504) return 'unavailable';
  return status >= 500 ? 'internal' : 'invalid_input';
}

/** Resolves once everything written to stdout and stderr has left this process. */
export async function flushed(): Promise<void> {
  await Promise.all(
    [process.stdout, process.stderr].map(
      (stream) => new Promise<void>((resolve) => (stream.destroyed ? resolve() : stream.write('', () => resolve()))),
    ),
  );
}
