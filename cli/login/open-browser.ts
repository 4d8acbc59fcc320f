/** Shows a page to whoever sits at this machine. Loaded when there is one to show: it starts a process. */
import { spawn } from 'node:child_process';
import open from 'open';
import type { LocalBrowser } from '#config/cli.ts';

/** Rejects when nothing could be started. */
export async function openBrowser({ command }: LocalBrowser, url: string): Promise<void> {
  const child = command === null ? await open(url) : start(command, url);
  // What goes wrong later is the browser's own: the address was said, too.
  child.on('error', () => undefined);
  if (command !== null) await started(child);
  child.unref();
}

/** As BROWSER is read elsewhere: `%s` stands for the address, which else comes last. */
function start(command: string, url: string) {
  const [file = '', ...args] = command.split(/\s+/);
  const filled = args.map((arg) => arg.replaceAll('%s', url));
  if (!command.includes('%s')) filled.push(url);
  return spawn(file, filled, { detached: true, stdio: 'ignore' });
}

function started(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
}
