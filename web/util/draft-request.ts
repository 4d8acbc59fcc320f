/** The request that a draft makes, or what is to be changed in it first. */
import { grantLimits, limits, type ConnectionView } from '#shared/api-schemas.ts';
import { formatDuration, parseDuration } from '#shared/duration-text.ts';
import { envNameRefusal } from '#shared/env-names.ts';
import type { SessionRequest } from '../data/run.ts';
import { formatBytes, toBase64 } from './bytes.ts';
import type { Draft } from './run-draft.ts';

export type DraftField = 'connection' | 'script' | 'args' | 'env' | 'reason' | 'timeout' | 'duration';
export type DraftProblems = Partial<Record<DraftField, string>>;

const mostTimeoutSeconds = 7 * 86_400;
/** As text it may take twice its size in JSON, and more than a request may have. */
const largeScriptBytes = 2 * 1024 * 1024;

export function requestOf(
  draft: Draft,
  connection: ConnectionView | undefined,
): { request: SessionRequest } | { problems: DraftProblems } {
  if (!connection) return { problems: { connection: 'Choose where it is to run.' } };
  const isExec = draft.kind === 'exec';
  const env = draft.env.filter(({ name, value }) => name !== '' || value !== '');
  const script = isExec ? scriptOf(draft) : undefined;
  const problems: DraftProblems = {
    ...(script && script.bytes > connection.maxInput && { script: tooLarge(script.bytes, connection) }),
    ...fieldProblem('args', isExec ? argsProblem(draft.args) : null),
    ...fieldProblem('env', envProblem(env, connection)),
    ...fieldProblem('reason', reasonProblem(draft.reason, connection)),
    ...fieldProblem('timeout', isExec ? durationProblem(draft.timeout, 1, mostTimeoutSeconds) : null),
    ...fieldProblem('duration', isExec ? null : grantProblem(draft.duration, connection)),
  };
  if (Object.keys(problems).length > 0) return { problems };
  return {
    request: {
      id: draft.id,
      connection: connection.name,
      kind: draft.kind,
      ...(script && script.bytes > 0 && { script: script.text, scriptEncoding: script.encoding }),
      ...(isExec && draft.args.length > 0 && { args: draft.args }),
      ...(env.length > 0 && { env: Object.fromEntries(env.map(({ name, value }) => [name, value])) }),
      ...(draft.reason.trim() !== '' && { reason: draft.reason.trim() }),
      ...(isExec && seconds(draft.timeout) !== null && { timeout: seconds(draft.timeout) ?? 0 }),
      ...(!isExec && seconds(draft.duration) !== null && { duration: seconds(draft.duration) ?? 0 }),
    },
  };
}

/** Of a grant of this connection, at most. */
export const mostGrantSeconds = ({ maxDuration }: ConnectionView): number =>
  parseDuration(maxDuration) ?? grantLimits.mostSeconds;

export function grantProblem(text: string, connection: ConnectionView): string | null {
  return durationProblem(text, grantLimits.fewestSeconds, mostGrantSeconds(connection));
}

export function reasonProblem(reason: string, { requireReason, name }: ConnectionView): string | null {
  if (requireReason && reason.trim() === '') return `Say why: ${name} asks for a reason.`;
  if (reason.length <= limits.reasonLength) return null;
  return `Shorten it: ${reason.length} characters, of which ${limits.reasonLength} are taken.`;
}

export const durationSecondsOf = (text: string): number | undefined => seconds(text) ?? undefined;

const seconds = (text: string): number | null => (text.trim() === '' ? null : parseDuration(text));

function scriptOf({ script, file }: Draft): { text: string; encoding: 'utf8' | 'base64'; bytes: number } {
  if (file) return { text: file.base64, encoding: 'base64', bytes: file.bytes };
  const encoded = new TextEncoder().encode(script);
  if (encoded.length <= largeScriptBytes) return { text: script, encoding: 'utf8', bytes: encoded.length };
  return { text: toBase64(encoded), encoding: 'base64', bytes: encoded.length };
}

const tooLarge = (bytes: number, { maxInput, name }: ConnectionView): string =>
  `It has ${formatBytes(bytes)}; ${name} takes ${formatBytes(maxInput)} at most.`;

function argsProblem(args: string[]): string | null {
  if (args.length > limits.args) return `There are ${args.length} arguments; ${limits.args} are the most.`;
  if (args.some((arg) => arg.includes('\0'))) return 'An argument holds a NUL byte, which no command can be given.';
  if (args.some((arg) => arg.length > limits.argLength)) {
    return `An argument is longer than ${limits.argLength} characters; hand it over as the script.`;
  }
  return null;
}

function envProblem(env: Draft['env'], { allowEnv }: ConnectionView): string | null {
  const names = env.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (names.includes('')) return 'A value has no name: name it, or remove it.';
  for (const name of names) {
    const refusal = envNameRefusal(name, allowEnv);
    if (refusal !== null) return `${refusal}.`;
  }
  if (twice !== undefined) return `${twice} is there twice; remove one.`;
  if (names.length > limits.envCount) return `There are ${names.length} variables; ${limits.envCount} are the most.`;
  const long = env.find(({ value }) => value.length > limits.envValueLength);
  if (long) return `The value of ${long.name} is longer than ${limits.envValueLength} characters.`;
  if (env.some(({ value }) => value.includes('\0'))) return 'A value holds a NUL byte, which no command can be given.';
  return null;
}

function durationProblem(text: string, fewest: number, most: number): string | null {
  if (text.trim() === '') return null;
  const asked = seconds(text);
  if (asked !== null && asked >= fewest && asked <= most) return null;
  return `Write a duration from ${formatDuration(fewest)} to ${formatDuration(most)}, as in 10m.`;
}

function fieldProblem(field: DraftField, problem: string | null): DraftProblems {
  return problem === null ? {} : { [field]: problem };
}
