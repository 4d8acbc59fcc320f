/** The request that a command line makes. */
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { limits } from '#shared/api-paths.ts';
import type { CreateSessionInput } from '#shared/api-schemas.ts';
import { isEnvName } from '#shared/env-names.ts';
import { HoopError } from '#shared/errors.ts';
import { durationOption, keyValues } from '../options.ts';
import { readFileBounded, readStdin } from '../read-input.ts';
import { usageError } from '../terminal.ts';

export interface ExecOptions {
  input?: string;
  file?: string;
  env?: string[];
  output?: 'json';
  silent?: boolean;
  session?: string;
  detach?: boolean;
  reason?: string;
  correlationId?: string;
  timeout?: string;
  wait?: string;
  autoApprove?: boolean;
}

export type SessionRequest = Partial<CreateSessionInput> & { id: string };

/** Reads the script too, so this may wait for standard input. The session's id is made here. */
export async function buildRequest(connection: string, args: string[], options: ExecOptions): Promise<SessionRequest> {
  const env = readEnv(options.env ?? []);
  const timeout = options.timeout === undefined ? undefined : durationOption('--timeout', options.timeout);
  const script = await readScript(options);
  return {
    id: randomUUID(),
    connection,
    kind: 'exec',
    ...encodeScript(script),
    args,
    env,
    reason: options.reason,
    timeout,
    correlationId: options.correlationId,
  };
}

export function readEnv(pairs: string[]): Record<string, string> {
  const env = keyValues('--env', pairs);
  const badName = Object.keys(env).find((key) => !isEnvName(key));
  if (badName !== undefined) throw usageError(`--env: ${JSON.stringify(badName)} is no name of a variable.`);
  return env;
}

export async function readScript({ input, file }: Pick<ExecOptions, 'input' | 'file'>): Promise<Buffer> {
  if (input !== undefined && file !== undefined) throw usageError('give the script with -i or with -f, not with both.');
  if (input === undefined && file !== undefined && file !== '-') {
    return readFileBounded(file, limits.scriptBytes, 'the script');
  }
  const script = input === undefined ? await fromStdin(file) : Buffer.from(input);
  if (script.length > limits.scriptBytes) throw tooLarge();
  return script;
}

async function fromStdin(file: string | undefined): Promise<Buffer> {
  if (file === undefined && (process.stdin.isTTY || !isOpen(0))) return Buffer.alloc(0);
  return readStdin(limits.scriptBytes, 'the script');
}

/** A closed standard input (`<&-`) is no script. */
function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

function tooLarge(): HoopError {
  return new HoopError('too_large', `the script may have at most ${limits.scriptBytes} bytes`);
}

/** Bytes that are no text go as base64, so that they arrive as they are. */
export function encodeScript(script: Buffer): Pick<SessionRequest, 'script' | 'scriptEncoding'> {
  if (script.length === 0) return {};
  const scriptEncoding = isUtf8(script) ? 'utf8' : 'base64';
  return { script: script.toString(scriptEncoding), scriptEncoding };
}
