/** What stands on the screen of a terminal that runs, told from its recording. */
import type { SessionDetail } from '#shared/api-schemas.ts';
import { readSize } from '#shared/recording.ts';
import type { TerminalSize } from '#shared/terminal.ts';
import type { ApiClient } from '../client.ts';
import { recordedChunks } from '../recording/chunks.ts';
import { openHeadless, serializeScreen } from '../recording/headless.ts';
import type { TakenUp } from './terminal.ts';

/** Of a long recording, the end: a screen that nothing in it has drawn anew is rare. */
const readBytes = 4 * 1024 * 1024;

/** `size`: of the terminal it is to be drawn on. */
export async function screenOf(client: ApiClient, session: SessionDetail, size: TerminalSize): Promise<TakenUp> {
  const end = session.outputBytes;
  const from = Math.max(0, end - readBytes);
  const headless = await openHeadless({ ...(session.envelope.terminal ?? size), scrollback: size.rows });
  for await (const { stream, data } of recordedChunks(client, session.id, { from, end })) {
    if (stream === 'stdout') await headless.write(data);
    const resized = stream === 'resize' ? readSize(data) : null;
    if (resized) headless.terminal.resize(resized.columns, resized.rows);
  }
  headless.terminal.resize(size.columns, size.rows);
  const drawn = await serializeScreen(headless);
  // what is on the screen now stays above it
  const clear = `${'\r\n'.repeat(size.rows - 1)}\u001b[H\u001b[2J`;
  return { screen: Buffer.from(clear + drawn), offset: end };
}
