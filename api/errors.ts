/** Whatever a handler throws becomes `{error: {code, message}}`; what is no refusal of ours is logged and says nothing. */
import type { NextFunction, Request, Response } from 'express';
import { HoopError, type ErrorBody } from '#shared/errors.ts';
import { isUnstorableText, partThatIsAway } from '#core/failures.ts';

/** The refusal that stands for `error` towards the person who asked. */
export function toHoopError(error: unknown): HoopError {
  if (error instanceof HoopError) return error;
  const fromExpress = bodyError(error);
  if (fromExpress) return fromExpress;
  const away = partThatIsAway(error);
  if (away) {
    return new HoopError('unavailable', `hoop cannot reach ${away} now; try again in a moment.`, { cause: error });
  }
  if (isUnstorableText(error)) {
    return new HoopError('invalid_input', 'A text in the request holds characters that cannot be stored.');
  }
  return new HoopError('internal', 'Something in hoop broke; its log says what, under this request id.', {
    cause: error,
  });
}

export function errorHandler(error: unknown, req: Request, res: Response, next: NextFunction): void {
  const refusal = toHoopError(error);
  if (refusal.status >= 500) req.log.error({ err: refusal.cause ?? refusal }, 'request failed');
  if (res.headersSent) return next(error);
  if (refusal.code === 'too_many_attempts') res.setHeader('Retry-After', String(refusal.retryAfterSeconds ?? 900));
  if (refusal.code === 'unavailable') res.setHeader('Retry-After', '5');
  res.locals['errorCode'] = refusal.code;
  const body: ErrorBody = { error: { code: refusal.code, message: refusal.message } };
  res.status(refusal.status).json(body);
}

/** Errors of Express and its body parser carry a status and a type. */
function bodyError(error: unknown): HoopError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { status, type, limit } = error as Error & { status?: number; type?: string; limit?: number };
  if (status === undefined || status < 400 || status >= 500) return undefined;
  if (type === 'entity.too.large') {
    return new HoopError('too_large', `The request has more than ${limit ?? 'the'} bytes that are allowed here.`);
  }
  if (type === 'entity.parse.failed') return new HoopError('invalid_input', 'the request: is no valid JSON.');
  return new HoopError('invalid_input', 'the request: cannot be read.');
}
