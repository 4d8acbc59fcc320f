import { Option, type Command } from 'commander';

/** What came in and what goes out of one call of `hoop`. */
export interface Outcome {
  argv: string[];
  status: number;
}

export interface CommandCall<Options> {
  /** Positional arguments before `--`. */
  args: string[];
  options: Options;
  /** What stands after `--`; null without one. */
  afterDashes: string[] | null;
}

/** The code of a command; the number is its exit status. */
export type CommandRun<Options> = (call: CommandCall<Options>) => Promise<number | void>;

/** Lets `command` run what `load` imports. The import is all that keeps `hoop` quick to start. */
export function runs<Options extends object>(
  command: Command,
  outcome: Outcome,
  load: () => Promise<CommandRun<Options>>,
): Command {
  return command.action(async () => {
    const run = await load();
    const status = await run({ ...splitAtDashes(command.args, outcome.argv), options: command.opts<Options>() });
    if (typeof status === 'number') outcome.status = status;
  });
}

function splitAtDashes(operands: string[], argv: string[]): { args: string[]; afterDashes: string[] | null } {
  const dashes = argv.indexOf('--');
  if (dashes < 0) return { args: operands, afterDashes: null };
  const afterDashes = argv.slice(dashes + 1);
  return { args: operands.slice(0, operands.length - afterDashes.length), afterDashes };
}

export function jsonOption(what = 'print JSON'): Option {
  return new Option('-o, --output <format>', what).choices(['json']);
}

/** For options that may be given several times. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
