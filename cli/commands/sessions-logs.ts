import { paths } from '#shared/api-paths.ts';
import type { OutputPage } from '#shared/api-schemas.ts';
import { signedInClient, withQuery } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { createSink } from '../exec/sink.ts';
import { checkArguments } from '../options.ts';
import { resolveSessionId } from '../resolve-session.ts';

export async function sessionsLogsCommand({ args, options }: CommandCall<{ output?: 'json' }>): Promise<void> {
  checkArguments(args, 1, 'one session at a time');
  const client = signedInClient();
  const id = await resolveSessionId(client, args[0] ?? '');
  const sink = createSink(options.output === 'json');
  for (let offset = 0; ;) {
    const page = await client.get<OutputPage>(withQuery(paths.output(id), { offset }));
    for (const { stream, offset: at, data } of page.chunks) {
      await sink.output({ stream, offset: at, data: Buffer.from(data, 'base64') });
    }
    if (page.end || page.nextOffset <= offset) return;
    offset = page.nextOffset;
  }
}
