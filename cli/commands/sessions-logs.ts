import { exitCodes, type HoopError } from '#shared/errors.ts';
import { signedInClient, type ApiClient } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { createSink, type Sink } from '../exec/sink.ts';
import { SessionStream } from '../exec/stream.ts';
import { checkArguments, wholeNumber } from '../options.ts';
import { recordedChunks } from '../recording/chunks.ts';
import { findRecorded } from '../recording/session.ts';
import { reportError, say } from '../terminal.ts';

interface LogsOptions {
  follow?: boolean;
  offset: string;
  output?: 'json';
}

export async function sessionsLogsCommand({ args, options }: CommandCall<LogsOptions>): Promise<number> {
  checkArguments(args, 1, 'one session at a time');
  const offset = wholeNumber('--offset', options.offset);
  const client = signedInClient();
  const { id } = await findRecorded(client, args[0] ?? '');
  const sink = createSink(options.output === 'json');
  if (options.follow) return follow(client, id, offset, sink);
  for await (const chunk of recordedChunks(client, id, { from: offset })) await sink.output(chunk);
  return exitCodes.ok;
}

/** Until the session ends, however it does: who reads along has no part in it. */
function follow(client: ApiClient, id: string, offset: number, sink: Sink): Promise<number> {
  return new Promise((resolve) => {
    let lastEvent = '';
    const stream = new SessionStream(
      client,
      id,
      {
        event: (event) => {
          const text = JSON.stringify(event);
          // a line that was taken up again begins with what is known
          if (text === lastEvent || event.event === 'input' || (event.event === 'session' && lastEvent !== '')) return;
          lastEvent = text;
          void sink.event(event);
          if (event.event !== 'end') return;
          stream.close();
          resolve(exitCodes.ok);
        },
        output: (chunk) => sink.output(chunk),
        lost: () => say('The line to the gateway broke. Reconnecting...'),
        back: () => say('Reconnected.'),
        refused: (error: HoopError) => resolve(reportError(error)),
      },
      offset,
    );
    stream.open();
  });
}
