/** What the schemas of environment variables have in common. */
import { z } from 'zod';
import { HoopError } from '#shared/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ListenAddress {
  host: string;
  port: number;
}

/** The schema, to which an empty variable is one that is not set, as in most service managers. */
export const emptyIsUnset = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema);

export const optional = <T extends z.ZodType>(schema: T) => emptyIsUnset(schema.optional());

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const logLevel = emptyIsUnset(z.enum(levels, `must be one of ${levels.join(', ')}`).default('info'));

/** A port; 0 asks for a free one. */
export const port = (fallback: number) =>
  optional(z.string())
    .transform((value) => Number(value ?? fallback))
    .refine((value) => Number.isInteger(value) && value >= 0 && value <= 65_535, 'must be a port, 0 to 65535');

/** `HOOP_LISTEN`: host:port, an IPv6 address in brackets. */
export const listenAddress = emptyIsUnset(z.string().default('127.0.0.1:8009')).transform((value, context) => {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:\s]+)):(\d{1,5})$/i.exec(value);
  const host = match?.[1] ?? match?.[2];
  const number = Number(match?.[3]);
  if (host === undefined || number > 65_535) {
    context.addIssue({ code: 'custom', message: 'must be host:port, like 127.0.0.1:8009' });
    return z.NEVER;
  }
  return { host, port: number };
});

export function formatListen({ host, port: number }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${number}` : `${host}:${number}`;
}

/** Throws `HoopError` that begins with `refusal` and names every variable that is wrong and what to set. */
export function readEnvironment<T extends z.ZodType>(schema: T, env: Environment, refusal: string): z.output<T> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  throw new HoopError('invalid_input', `${refusal}: ${problems.join('; ')}.`);
}
