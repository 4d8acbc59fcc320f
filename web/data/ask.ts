/** Requests to the gateway: every answer is parsed by the schema of shared/api-schemas that the gateway builds it from. */
import type { z } from 'zod';
import { errorBody } from '#shared/api-schemas.ts';
import type { ErrorCode } from '#shared/errors.ts';
import { parseJson } from '#shared/parse-json.ts';
import { apiStatus } from './api-status.ts';

const usualPatienceMs = 20_000;

/** A refusal by the gateway, with its code; `unreachable` when no gateway answered. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode | 'unreachable';

  constructor(code: ErrorCode | 'unreachable', message: string) {
    super(message);
    this.code = code;
  }
}

export const hasCode = (error: unknown, ...codes: ApiError['code'][]): boolean =>
  error instanceof ApiError && codes.includes(error.code);

/** What to tell a person about any failure. */
export function messageOf(error: unknown): string {
  return error instanceof ApiError ? error.message : 'Something in this page broke. Reload it and try again.';
}

export interface Ask {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal;
  /** How long an answer may take to begin, where the gateway asks others first. */
  patienceMs?: number;
}

/** For answers without a body, or in another form than JSON. */
export async function ask(
  path: string,
  { method = 'GET', body, signal, patienceMs = usualPatienceMs }: Ask,
): Promise<Response> {
  // Patience is for the first byte of an answer; a long one may take its time.
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), patienceMs);
  const response = await orUnreachable(
    fetch(path, {
      method,
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, patience.signal]) : patience.signal,
    }),
    signal,
  ).finally(() => clearTimeout(timer));
  if (!response.ok) throw await refusal(response);
  apiStatus.report(true);
  return response;
}

/** What fails on the way is the line; but a query that is no longer wanted says nothing about the gateway. */
async function orUnreachable<T>(attempt: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await attempt;
  } catch (error) {
    throw signal?.aborted ? error : unreachable();
  }
}

function unreachable(): ApiError {
  apiStatus.report(false);
  return new ApiError('unreachable', 'The gateway does not answer.');
}

async function refusal(response: Response): Promise<ApiError> {
  const parsed = errorBody.safeParse(await response.json().catch(() => null));
  // A proxy in front of a gateway that is away answers too, but not in hoop's words.
  if (!parsed.success && response.status >= 502) return unreachable();
  if (parsed.success && parsed.data.error.code === 'unavailable') return unreachable();
  apiStatus.report(true);
  if (parsed.success) return new ApiError(parsed.data.error.code, parsed.data.error.message);
  return new ApiError('internal', `The gateway refused this (status ${response.status}) and gave no reason.`);
}

export async function askFor<T>(schema: z.ZodType<T>, path: string, options: Ask = {}): Promise<T> {
  const response = await ask(path, options);
  const parsed = schema.safeParse(parseJson(await orUnreachable(response.text(), options.signal)));
  if (parsed.success) return parsed.data;
  throw new ApiError('internal', 'The gateway answered in a form this page does not know. Reload the page.');
}

/** A path with the values that are set. */
export function withQuery(path: string, values: Record<string, string | number | boolean | undefined>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== undefined) query.set(key, String(value));
  return `${path}?${query.toString()}`;
}
