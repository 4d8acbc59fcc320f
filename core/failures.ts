/** Failures of the parts hoop stands on, told apart from faults of its own. */
import { isGrpcServiceError } from '@temporalio/client';
import pg from 'pg';

/** Connection exceptions, shutting down, starting up, too many connections, disk full. */
const postgresAway = /^(08|57P|53)/;
const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT']);
/** What the driver says without a code when a connection breaks or the pool gives none in time. */
const driverMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/;
const grpcUnavailable = 14;
const grpcInvalid = 3;
const grpcDeadline = 4;

/** Which part is away, when that is why `error` was thrown. */
export function partThatIsAway(error: unknown): 'the database' | 'Temporal' | null {
  if (isGrpcServiceError(error)) return [grpcUnavailable, grpcDeadline].includes(error.code) ? 'Temporal' : null;
  if (error instanceof pg.DatabaseError) return postgresAway.test(error.code ?? '') ? 'the database' : null;
  if (!(error instanceof Error)) return null;
  if (error.cause !== undefined && isGrpcServiceError(error.cause)) return partThatIsAway(error.cause);
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === 'open' || syscall === 'stat') return null;
  return (code && networkCodes.has(code)) || driverMessages.test(error.message) ? 'the database' : null;
}

/** Disk full, limits of the configuration or of Postgres, and what is wrong with the data or the rights to write it. */
const refusedForGood = /^(53100|53400|54|58030|22|23|42501)/;

/** Why Postgres will not take a write, however often it is tried; undefined when trying again may help. */
export function whyRefused(error: unknown): string | undefined {
  if (!(error instanceof pg.DatabaseError) || !refusedForGood.test(error.code ?? '')) return undefined;
  return error.code === '53100' ? 'its disk is full' : `error ${error.code}`;
}

/** Text that no column takes: a NUL character, or half a surrogate pair. */
export function isUnstorableText(error: unknown): boolean {
  return error instanceof pg.DatabaseError && ['22021', '22P05', '22P02'].includes(error.code ?? '');
}

/** Temporal does not take what it was asked, and will not. */
export function isInvalidToTemporal(error: unknown): boolean {
  if (isGrpcServiceError(error)) return error.code === grpcInvalid;
  return error instanceof Error && error.cause !== undefined && isInvalidToTemporal(error.cause);
}
