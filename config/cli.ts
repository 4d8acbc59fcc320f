/** What the `hoop` command knows about its gateway: `$HOOP_HOME/config.json`, overridden by the environment. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HoopError } from '#shared/errors.ts';
import { hoopHome } from './home.ts';

/** The file's content; the gateway's first run writes the same shape. */
export interface SavedCliConfig {
  apiUrl?: string;
  token?: string;
  email?: string;
}

export interface CliConfig {
  /** `HOOP_HOME`, or `~/.hoop`. */
  home: string;
  /** Base URL of the API, without a slash at its end. */
  apiUrl: string;
  token: string | null;
  /** Who the saved token belongs to; null when the token comes from the environment. */
  email: string | null;
  /** Whether `HOOP_TOKEN` stands above the saved token. */
  tokenFromEnv: boolean;
}

export const defaultApiUrl = 'http://127.0.0.1:8009';

export function readCliConfig(env: NodeJS.ProcessEnv = process.env): CliConfig {
  const home = hoopHome(env);
  const saved = readSaved(home);
  const envToken = env['HOOP_TOKEN']?.trim() || null;
  return {
    home,
    apiUrl: checkApiUrl(env['HOOP_API_URL'] || saved.apiUrl || defaultApiUrl),
    token: envToken ?? saved.token ?? null,
    email: envToken ? null : (saved.email ?? null),
    tokenFromEnv: envToken !== null,
  };
}

/** TERM, as far as it is a name that a terminal at the other end can be given. */
export function terminalType(env: NodeJS.ProcessEnv = process.env): string {
  const name = env['TERM'] ?? '';
  return /^[A-Za-z0-9._+-]{1,64}$/.test(name) ? name : 'dumb';
}

/** How a page is shown to whoever sits here: `command` as in BROWSER, null for the system's own way. */
export interface LocalBrowser {
  command: string | null;
}

/** Undefined where no browser can be expected: over SSH, and on a Linux without a display. */
export function localBrowser(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): LocalBrowser | undefined {
  // Also over SSH: editors that work at a distance set it to what opens the browser where one sits.
  const command = env['BROWSER']?.split(':', 1)[0]?.trim();
  if (command) return { command };
  if (env['SSH_CONNECTION'] || env['SSH_CLIENT'] || env['SSH_TTY']) return undefined;
  const hasDisplay = env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['WSL_DISTRO_NAME'];
  return platform === 'darwin' || platform === 'win32' || hasDisplay ? { command: null } : undefined;
}

/** `url` without a slash at its end; throws when it is no http(s) URL. */
export function checkApiUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return url.replace(/\/+$/, '');
  throw new HoopError(
    'invalid_input',
    `${JSON.stringify(url)} is no URL of a gateway; it looks like ${defaultApiUrl}.`,
  );
}

/** Replaces the file as a whole, readable by its owner only. */
export function saveCliConfig(home: string, saved: SavedCliConfig): void {
  const path = configPath(home);
  const draft = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${JSON.stringify(saved, null, 2)}\n`, { mode: 0o600 });
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new HoopError('invalid_input', `Cannot write ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** Forgets the token; the gateway's address and the e-mail address stay for the next login. */
export function forgetToken(home: string): void {
  const { token: _token, ...rest } = readSaved(home);
  saveCliConfig(home, rest);
}

function configPath(home: string): string {
  return join(home, 'config.json');
}

function readSaved(home: string): SavedCliConfig {
  const path = configPath(home);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    throw new HoopError('invalid_input', `Cannot read ${path}: ${message}`, { cause: error });
  }
  const broken = new HoopError('invalid_input', `${path} is damaged. Remove it and sign in again: hoop login`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw broken;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw broken;
  const field = (key: string): string | undefined => {
    const entry = (value as Record<string, unknown>)[key];
    if (entry === undefined || entry === null || entry === '') return undefined;
    if (typeof entry !== 'string') throw broken;
    return entry;
  };
  const [apiUrl, token, email] = [field('apiUrl'), field('token'), field('email')];
  return { ...(apiUrl ? { apiUrl } : {}), ...(token ? { token } : {}), ...(email ? { email } : {}) };
}
