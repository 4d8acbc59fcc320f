/** `hoop connect` on a terminal: each line is a run under the grant, until somebody leaves or the grant is over. */
import type { SessionView } from '#shared/api-schemas.ts';
import { isOutput } from '#shared/output-frame.ts';
import { exitCodes, HoopError, type ErrorCode } from '#shared/errors.ts';
import { oneLine } from '#shared/safe-text.ts';
import type { Sink } from '../exec/sink.ts';
import { reportError, say } from '../terminal.ts';
import type { GrantLine } from './grant-line.ts';
import { Prompt } from './prompt.ts';
import { runUnder, type Surroundings } from './run.ts';
import { introText, leaveText } from './words.ts';

/** What waits for the end of others may take a moment; whoever waits longer wants to know for what. */
const slowEndMs = 1000;
/** No line can be run under the grant any more, though it lasts. */
const lasting: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'not_signed_in',
  'not_allowed',
  'grant_unknown',
  'grant_outdated',
  'review_not_eligible',
]);

/** Gives the exit status: 0 for who leaves and at the ordinary end of the grant. */
export async function runLines(view: SessionView, grant: GrantLine, around: Surroundings): Promise<number> {
  const { ctrlC, silent } = around;
  const prompt = new Prompt(`${oneLine(view.connection)}> `);
  const screen = new ScreenSink(around.sink);
  grant.say = (text) => {
    screen.toLineStart();
    prompt.say(text);
  };
  grant.onOver = () => prompt.close();
  if (!silent) say(introText);
  try {
    while (!grant.isOver) {
      ctrlC.startsAnew(() => prompt.clear());
      screen.toLineStart();
      const line = await prompt.next();
      if (grant.isOver) break;
      if (line === null || line.trim() === 'exit') {
        if (line === null) process.stderr.write('\n');
        if (!silent) say(leaveText(view, grant.until));
        return exitCodes.ok;
      }
      if (line.trim() === '') continue;
      await runLine(view, line, around, screen);
      if (ctrlC.count > 0) prompt.clear();
    }
    return await theEnd(grant, around);
  } finally {
    prompt.close();
    grant.stop();
  }
}

/** Refusals of one line leave the next its chance, unless they are of the grant itself. */
async function runLine(view: SessionView, line: string, around: Surroundings, screen: ScreenSink): Promise<void> {
  try {
    const each = { ...around, sink: screen };
    await runUnder(view, Buffer.from(`${line}\n`), each, { isOneOfMany: true, say: (text) => screen.say(text) });
  } catch (error) {
    if (!(error instanceof HoopError) || lasting.has(error.code)) throw error;
    reportError(error);
  }
}

async function theEnd(grant: GrantLine, { ctrlC, silent }: Surroundings): Promise<number> {
  ctrlC.startsAnew(() => process.exit(exitCodes.interrupted));
  const slow = setTimeout(() => {
    if (!silent) say('The grant is over; what still runs under it is being stopped. Ctrl-C leaves.');
  }, slowEndMs);
  return grant.ended.finally(() => clearTimeout(slow));
}

/** Knows whether the output left the cursor within a line, which a prompt would write over. */
class ScreenSink implements Sink {
  private readonly sink: Sink;
  private withinLine = false;

  constructor(sink: Sink) {
    this.sink = sink;
  }

  output(chunk: Parameters<Sink['output']>[0]): Promise<unknown> | undefined {
    if (isOutput(chunk) && process[chunk.stream].isTTY) this.withinLine = chunk.data.at(-1) !== 0x0a;
    return this.sink.output(chunk);
  }

  event(event: Parameters<Sink['event']>[0]): Promise<unknown> | undefined {
    return this.sink.event(event);
  }

  toLineStart(): void {
    if (this.withinLine) process.stderr.write('\n');
    this.withinLine = false;
  }

  say(text: string): void {
    this.toLineStart();
    say(text);
  }
}
