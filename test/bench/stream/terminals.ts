/** Terminals to type into, each with the same command behind it, and how long a key takes to come back. */
import { randomUUID } from 'node:crypto';
import { spawn } from '@lydell/node-pty';
import { encodeInput } from '#shared/input-frame.ts';
import { decodeOutput } from '#shared/output-frame.ts';
import { eventually } from '#test/support/eventually.ts';
import type { Api } from '../lib/api.ts';
import { now } from '../lib/clock.ts';

export interface KeyTerminal {
  /** Types one character that is on the screen after it; gives the milliseconds until it came back. */
  press(key: string): Promise<number>;
  close(): void;
}

const ready = 'ready to echo';
/** The terminal itself echoes what is typed; `cat` reads it at the end of the line, which never comes. */
export const echoScript = `echo ${ready}; exec cat`;
const readyWithinMs = 30_000;
const echoWithinMs = 10_000;
const size = { columns: 100, rows: 40 };

/** What comes back, whoever brings it. */
class Screen {
  private text = '';
  private onText: (() => void) | undefined;

  add(data: string): void {
    this.text += data;
    this.onText?.();
  }

  /** Gives the moment at which `wanted` was there, behind what came before. */
  until(wanted: string, withinMs: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const at = this.text.indexOf(wanted);
        if (at < 0) return;
        settle();
        this.text = this.text.slice(at + wanted.length);
        resolve(now());
      };
      const settle = () => {
        clearTimeout(late);
        this.onText = undefined;
      };
      const late = setTimeout(() => {
        settle();
        reject(
          new Error(`no ${JSON.stringify(wanted)} within ${withinMs} ms: ${JSON.stringify(this.text.slice(-500))}`),
        );
      }, withinMs);
      this.onText = look;
      look();
    });
  }

  /** What came up to now is not waited for. */
  clear(): void {
    this.text = '';
  }
}

async function press(screen: Screen, key: string, type: () => void): Promise<number> {
  screen.clear();
  const pressed = now();
  type();
  return (await screen.until(key, echoWithinMs)) - pressed;
}

/** A process in a terminal of this machine. */
export async function ptyTerminal(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<KeyTerminal> {
  const screen = new Screen();
  const pty = spawn(command, args, { name: 'xterm-256color', cols: size.columns, rows: size.rows, env });
  pty.onData((data) => screen.add(data));
  const close = () => {
    try {
      pty.kill('SIGKILL');
    } catch {
      // it has ended by itself
    }
  };
  try {
    await screen.until(ready, readyWithinMs);
  } catch (error) {
    close();
    throw error;
  }
  return { press: (key) => press(screen, key, () => pty.write(key)), close };
}

/** A client of the session's stream, in this process: what the gateway, the agent and the runner take without the CLI. */
export async function streamTerminal(api: Api, connection: string): Promise<KeyTerminal> {
  const [grant, id, client] = [randomUUID(), randomUUID(), randomUUID()];
  await api.createGrant(grant, connection);
  await eventually(async () => (await api.session(grant)).state === 'active', { describe: 'the grant is active' });
  await api.createTerminal(id, connection, grant, { type: 'xterm-256color', ...size });
  const screen = new Screen();
  const socket = api.stream(id);
  socket.on('open', () => socket.send(JSON.stringify({ command: 'attach', client, ...size })));
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return;
    const { stream, data: bytes } = decodeOutput(data);
    if (stream === 'stdout') screen.add(bytes.toString());
  });
  socket.on('error', (error) => console.error(error));
  let offset = 0;
  await screen.until(ready, readyWithinMs);
  return {
    press: (key) =>
      press(screen, key, () => {
        const data = Buffer.from(key);
        socket.send(encodeInput({ client, offset, data }));
        offset += data.length;
      }),
    close: () => socket.terminate(),
  };
}
