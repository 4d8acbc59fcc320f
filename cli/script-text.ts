/** The script of a request, so that nothing in it can pass for hoop's own words. */
import type { SessionDetail } from '#shared/api-schemas.ts';
import { showInvisible } from '#shared/safe-text.ts';

type WithScript = Pick<SessionDetail, 'id' | 'envelope'>;

/** The bytes that the command reads. */
export function scriptBytes({ envelope }: WithScript): Buffer {
  return Buffer.from(envelope.script, envelope.scriptEncoding);
}

/** With a bar before each line, and its size above; lines beyond `most` are counted only. Empty without a script. */
export function scriptText(session: WithScript, most = Number.POSITIVE_INFINITY): string {
  const { envelope, id } = session;
  if (envelope.script === '') return '';
  const bytes = `${scriptBytes(session).length} bytes`;
  if (envelope.scriptEncoding === 'base64') {
    return bars(`script (${bytes}, not text; base64):`, envelope.script.match(/.{1,76}/g) ?? [], most, id);
  }
  const lines = showInvisible(envelope.script).replace(/\n$/, '').split('\n');
  return bars(`script (${lines.length === 1 ? '1 line' : `${lines.length} lines`}, ${bytes}):`, lines, most, id);
}

function bars(title: string, lines: string[], most: number, id: string): string {
  const shown = lines.slice(0, most).map((line) => `  | ${line}`.trimEnd());
  const rest = lines.length - shown.length;
  const more = rest > 0 ? [`  ... ${rest} more lines: hoop review show ${id}`] : [];
  return [title, ...shown, ...more].join('\n');
}
