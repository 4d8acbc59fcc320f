import { homedir } from 'node:os';
import { oneLine } from '#shared/safe-text.ts';
import type { RunFile } from './run-file.ts';

export interface Terminal {
  write(text: string): unknown;
  isTTY?: boolean;
}

export interface Summary {
  run: RunFile;
  /** Text to type before a command so that it meets this hoop. */
  prefix: string;
  adminPasswordFile: string;
  logs: string;
  seconds: number;
}

/** What `hoop start` shows: short lines while it starts, then one screen. */
export class Screen {
  constructor(private readonly terminal: Terminal) {}

  line(text: string): void {
    this.terminal.write(`${text}\n`);
  }

  /** A line on what goes on, from whatever source. */
  progress = (text: string): void => this.line(`  ${oneLine(text)}`);

  summary({ run, prefix, adminPasswordFile, logs, seconds }: Summary): void {
    const rows: Array<[string, string | undefined]> = [
      ['Console', run.apiUrl],
      ['Slack sandbox', run.sandboxUrl],
      ['Temporal UI', run.temporalUiUrl],
      ['Sign in as', `admin@localhost, password in ${shortPath(adminPasswordFile)}`],
      ['Logs', shortPath(logs)],
    ];
    const shown = rows.filter(([, value]) => value !== undefined);
    this.line(`\n  ${this.bold('hoop is ready')} (${seconds.toFixed(1)} s)\n`);
    for (const [name, value] of shown) this.line(`    ${name.padEnd(15)}${value}`);
    this.line(`\n  Try it in a second terminal:\n\n    ${this.bold(`${prefix} exec bash -i 'ls'`)}\n`);
    if (run.sandboxUrl) this.line('  It waits for a review: approve it as bob on the page of the Slack sandbox.');
    else this.line(`  It waits for a review by somebody else. To make a reviewer: ${prefix} admin create user --help`);
    this.line('  Ctrl-C here stops everything.\n');
  }

  failure(problem: string, logLines: string[], logPath: string | undefined): void {
    this.line(`\nhoop could not start: ${problem}`);
    if (!logPath || logLines.length === 0) return;
    this.line(`\nLast lines of ${shortPath(logPath)}:`);
    for (const line of logLines) this.line(`  ${oneLine(line).slice(0, 300)}`);
    this.line('\nMend what it names and start again: everything that was kept is still there.');
  }

  private bold(text: string): string {
    return this.terminal.isTTY ? `\u001b[1m${text}\u001b[22m` : text;
  }
}

export function shortPath(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
