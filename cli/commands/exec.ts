import { paths } from '#shared/api-paths.ts';
import type { SessionDetail, SessionView } from '#shared/api-schemas.ts';
import { exitCodes } from '#shared/errors.ts';
import { oneLine } from '#shared/safe-text.ts';
import { signedInClient, type ApiClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { CtrlC } from '../exec/ctrl-c.ts';
import { Follower } from '../exec/follow.ts';
import { buildRequest, type ExecOptions } from '../exec/request.ts';
import { createSink } from '../exec/sink.ts';
import { submit } from '../exec/submit.ts';
import { isUnderReview, reattach, standingOf, waitingBlock } from '../exec/words.ts';
import { checkArguments, durationOption } from '../options.ts';
import { resolveSessionId } from '../resolve-session.ts';
import { say, usageError } from '../terminal.ts';

export async function execCommand({ args, options, afterDashes }: CommandCall<ExecOptions>): Promise<number> {
  const waitMs = options.wait === undefined ? null : durationOption('--wait', options.wait) * 1000;
  if (options.session !== undefined) checkAttach(args, options, afterDashes);
  else if (args[0] === undefined) throw usageError('exec needs a connection: hoop exec <connection>');
  checkArguments(args, 1, 'arguments for the command go after --');

  const client = signedInClient();
  const request =
    options.session === undefined ? await buildRequest(args[0] ?? '', afterDashes ?? [], options) : undefined;

  const silent = options.silent ?? false;
  const leave = () => process.exit(exitCodes.interrupted);
  // Until a request of ours is answered, Ctrl-C is only noted, so that what may have been made gets withdrawn; a
  // second one leaves all the same. Attaching makes nothing.
  const ctrlC = new CtrlC(() => (request === undefined || ctrlC.count > 1 ? leave() : undefined));
  const view = request ? await submit(client, request, silent, ctrlC) : await attach(client, options.session ?? '');
  if (view === null) return exitCodes.interrupted;
  if (options.detach && ctrlC.count === 0) return detach(view, options);

  const sink = createSink(options.output === 'json');
  const follower = new Follower(client, view, sink, { silent, waitMs, timeoutGiven: request?.timeout !== undefined });
  const ended = follower.run();
  ctrlC.goesTo(() => follower.onInterrupt());
  if (ctrlC.count > 0) follower.onInterrupt();
  return ended;
}

async function attach(client: ApiClient, text: string): Promise<SessionView> {
  const id = await resolveSessionId(client, text);
  const session = await client.get<SessionDetail>(paths.session(id));
  if (session.kind === 'exec') return session;
  throw usageError(`${id} is a grant; open it with: hoop connect ${oneLine(session.connection)}`);
}

function checkAttach(args: string[], options: ExecOptions, afterDashes: string[] | null): void {
  const { session: _session, output: _output, silent: _silent, wait: _wait, autoApprove: _auto, ...others } = options;
  const [other] = Object.keys(others);
  if (args.length > 0 || afterDashes !== null)
    throw usageError('--session attaches; it takes no connection or arguments.');
  if (other !== undefined) {
    const flag = other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw usageError(`--${flag} belongs to a new request; it cannot be given with --session.`);
  }
}

function detach(view: SessionView, options: ExecOptions): number {
  if (!options.silent) {
    const standing = standingOf(view);
    say(isUnderReview(standing) ? waitingBlock(view, standing) : `Reattach: ${reattach(view)}`);
  }
  const { id, url, state } = view;
  process.stdout.write(
    options.output === 'json' ? `${JSON.stringify({ event: 'session', id, url, state })}\n` : `${id}\n`,
  );
  return exitCodes.ok;
}
