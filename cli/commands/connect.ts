import { exitCodes } from '#shared/errors.ts';
import { signedInClient } from '../client.ts';
import { extendGrant } from '../connect/extend.ts';
import { GrantLine } from '../connect/grant-line.ts';
import { runLines } from '../connect/lines.ts';
import { findOwnGrant } from '../connect/own-grants.ts';
import { grantRequest, readWanted, type ConnectOptions } from '../connect/request.ts';
import { runUnder, type Surroundings } from '../connect/run.ts';
import { againText, earlierText } from '../connect/words.ts';
import type { CommandCall } from '../definitions/define.ts';
import { CtrlC } from '../exec/ctrl-c.ts';
import { readScript } from '../exec/request.ts';
import { createSink } from '../exec/sink.ts';
import { submit } from '../exec/submit.ts';
import { say } from '../terminal.ts';

const leave = () => process.exit(exitCodes.interrupted);

export async function connectCommand(call: CommandCall<ConnectOptions>): Promise<number> {
  const { options } = call;
  const onTerminal = Boolean(process.stdin.isTTY);
  const json = options.output === 'json';
  const wanted = readWanted(call, onTerminal);
  const client = signedInClient();
  const script = options.extend || onTerminal ? null : await readScript({});
  const silent = options.silent ?? false;
  const tell = (text: string) => silent || say(text);
  const ctrlC = new CtrlC(leave);
  const around: Surroundings = { client, ctrlC, sink: createSink(json), silent };
  if (options.extend) return extendGrant(wanted, around);

  const own = await findOwnGrant(client, wanted);
  const isKnown = own.view?.state === 'active';
  if (own.why !== null) tell(own.why);
  if (own.view) tell(isKnown ? againText(own.view, wanted.durationSeconds !== undefined) : earlierText(own.view));
  if (own.view && isKnown && script && !json) return runUnder(own.view, script, around);

  // As with exec: until the request is answered Ctrl-C is only noted, and then withdraws what was made.
  ctrlC.goesTo(() => (own.view || ctrlC.count > 1 ? leave() : undefined));
  const view = own.view ?? (await submit(client, grantRequest(wanted), silent, ctrlC));
  if (view === null) return exitCodes.interrupted;
  const grant = new GrantLine(client, view, around.sink, { silent, isKnown });
  ctrlC.goesTo(() => grant.onInterrupt());
  if (ctrlC.count > 0) grant.onInterrupt();
  const endedBefore = await grant.untilActive();
  if (endedBefore !== null) return endedBefore;
  if (script === null) return runLines(view, grant, around);
  grant.stop();
  return runUnder(view, script, around);
}
