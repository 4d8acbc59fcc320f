import { exitCodes, HoopError } from '#shared/errors.ts';
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { paths } from '#shared/api-paths.ts';
import { signedInClient, type ApiClient } from '../client.ts';
import { extendGrant } from '../connect/extend.ts';
import { GrantLine } from '../connect/grant-line.ts';
import { findOwnGrant, type OwnGrant } from '../connect/own-grants.ts';
import { findTerminal, listOwnTerminals } from '../connect/own-terminals.ts';
import { grantRequest, readTakenUp, readWanted, type ConnectOptions, type Wanted } from '../connect/request.ts';
import { runUnder, type Surroundings } from '../connect/run.ts';
import { openTerminal, resumeTerminal } from '../connect/terminal.ts';
import { againText, earlierText, leftBehindText, outdatedText } from '../connect/words.ts';
import type { CommandCall } from '../definitions/define.ts';
import { CtrlC } from '../exec/ctrl-c.ts';
import { readScript } from '../exec/request.ts';
import { createSink } from '../exec/sink.ts';
import { submit } from '../exec/submit.ts';
import { LocalTerminal } from '../screen/local-terminal.ts';
import { say } from '../terminal.ts';

const leave = () => process.exit(exitCodes.interrupted);

export async function connectCommand(call: CommandCall<ConnectOptions>): Promise<number> {
  const { options } = call;
  const onTerminal = Boolean(process.stdin.isTTY);
  const takenUp = options.terminal === undefined ? null : { connection: readTakenUp(call, onTerminal) };
  const wanted = takenUp ? null : readWanted(call, onTerminal);
  const client = signedInClient();
  const script = wanted === null || options.extend || onTerminal ? null : await readScript({});
  const sink = createSink(options.output === 'json');
  const around: Surroundings = { client, ctrlC: new CtrlC(leave), sink, silent: options.silent ?? false };
  if (wanted === null) return takeUp(options.terminal ?? '', takenUp?.connection, around);
  if (options.extend) return extendGrant(wanted, around);

  const refused = new Set<string>();
  for (;;) {
    const own = await findOwnGrant(client, wanted, refused);
    try {
      return await connect(own, wanted, script, around, options.output === 'json');
    } catch (error) {
      if (!own.view || !isOutdated(error)) throw error;
      refused.add(own.view.id);
      if (!around.silent) say(outdatedText(own.view, error.message));
    }
  }
}

/** What was approved is not what would run. */
function isOutdated(error: unknown): error is HoopError {
  return error instanceof HoopError && error.code === 'grant_outdated';
}

async function connect(
  own: OwnGrant,
  wanted: Wanted,
  script: Buffer | null,
  around: Surroundings,
  isJson: boolean,
): Promise<number> {
  const { client, ctrlC, sink, silent } = around;
  const tell = (text: string) => silent || say(text);
  const isKnown = own.view?.state === 'active';
  if (own.why !== null) tell(own.why);
  if (own.view && isKnown) tell(againText(own.view, wanted.durationSeconds !== undefined, own.variables));
  else if (own.view) tell(earlierText(own.view, own.variables));

  // As with exec: until the request is answered Ctrl-C is only noted, and then withdraws what was made.
  ctrlC.goesTo(() => (own.view || ctrlC.count > 1 ? leave() : undefined));
  const view = own.view ?? (await submit(client, grantRequest(wanted), silent, ctrlC));
  if (view === null) return exitCodes.interrupted;
  const grant = new GrantLine(client, view, sink, { silent, isKnown });
  try {
    ctrlC.goesTo(() => grant.onInterrupt());
    if (ctrlC.count > 0) grant.onInterrupt();
    // one that is known to be active keeps nobody waiting, except for its own events
    const endedBefore = isKnown && !isJson ? null : await grant.untilActive();
    if (endedBefore !== null) return endedBefore;
    grant.besides();
    if (script !== null) return await runUnder(view, script, around);
    if (isKnown) await sayLeftBehind(client, view, tell);
    return await openTerminal(view, grant, around);
  } finally {
    grant.stop();
  }
}

async function sayLeftBehind(client: ApiClient, { id }: SessionView, tell: (text: string) => unknown): Promise<void> {
  const terminals = await listOwnTerminals(client, id);
  if (terminals.length > 0) tell(leftBehindText(terminals));
}

/** `--terminal`: one that goes on, with its screen as it is now. */
async function takeUp(text: string, connection: string | undefined, around: Surroundings): Promise<number> {
  const { client, sink, silent } = around;
  const session = await findTerminal(client, text, connection);
  const view = await client.get<SessionDetail>(paths.session(session.grant ?? session.id));
  const { screenOf } = await import('../connect/redraw.ts');
  const taken = await screenOf(client, session, LocalTerminal.size());
  const grant = new GrantLine(client, view, sink, { silent, isKnown: true });
  grant.besides();
  try {
    return await resumeTerminal(session, view, grant, around, taken);
  } finally {
    grant.stop();
  }
}
