/** The commands there are, with their options and help. What they do is loaded when one is run. */
import { Command, CommanderError } from 'commander';
import { exitCodes } from '#shared/errors.ts';
import { showInvisible } from '#shared/safe-text.ts';
import { defineAccount } from './definitions/account.ts';
import { defineAdmin } from './definitions/admin.ts';
import { defineConnect } from './definitions/connect.ts';
import type { Outcome } from './definitions/define.ts';
import { defineExec } from './definitions/exec.ts';
import { defineReview } from './definitions/review.ts';
import { defineSessions } from './definitions/sessions.ts';
import { defineSlack } from './definitions/slack.ts';
import { defineStart } from './definitions/start.ts';
import { version } from './version.ts';

/** Runs one command line; gives the exit status. Errors of the command itself are thrown. */
export async function runProgram(argv: string[]): Promise<number> {
  const outcome: Outcome = { argv, status: exitCodes.ok };
  try {
    await buildProgram(outcome).parseAsync(argv, { from: 'user' });
  } catch (error) {
    // Commander has already said what is wrong with the command line, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    throw error;
  }
  return outcome.status;
}

export function buildProgram(outcome: Outcome): Command {
  const program = new Command('hoop')
    .description('Run commands on machines you hold no keys to, once the right people said yes.')
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('Add --help to see what there is.')
    .configureOutput({
      outputError: (text, write) => write(showInvisible(text.replace(/^error: /, 'hoop: '))),
    })
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .version(`hoop ${version}`, '-V, --version', 'show the version of hoop')
    .usage('<command> [options]')
    .addHelpText(
      'after',
      `
Examples:
  hoop exec bash -i 'ls'          ask for a run of ls, wait for the approval, show its output
  hoop connect bash -d 1h         commands for an hour, after one approval
  hoop review list                what waits for your decision
  hoop sessions list              what was asked for, and how it ended

Environment:
  HOOP_HOME      where the configuration is (default: ~/.hoop)
  HOOP_API_URL   the gateway's address, above the configuration
  HOOP_TOKEN     the token, above the configuration`,
    );
  for (const define of definitionsFor(outcome.argv[0])) define(program, outcome);
  return program;
}

const definitions = {
  exec: defineExec,
  connect: defineConnect,
  review: defineReview,
  sessions: defineSessions,
  admin: defineAdmin,
  start: defineStart,
  slack: defineSlack,
};

/** What the first word names is enough to run it; all else takes the whole list: help, and what is not there. */
function definitionsFor(word: string | undefined): ((program: Command, outcome: Outcome) => void)[] {
  if (word !== undefined && Object.hasOwn(definitions, word)) return [definitions[word as keyof typeof definitions]];
  return [...Object.values(definitions), defineAccount];
}
