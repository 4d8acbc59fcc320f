import { pipeline } from 'node:stream/promises';
import { paths } from '#shared/api-paths.ts';
import { escapeInvisibleJson } from '#shared/safe-text.ts';
import { auditQuery, type AuditFilterOptions } from '../audit-query.ts';
import { signedInClient, withQuery } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments } from '../options.ts';
import { writePrivateFile } from '../private-file.ts';

/** Until the first row; what follows takes its time, and its reader's. */
const timeoutMs = 600_000;

/** Throws a usage error for a file that cannot be written, and `unavailable` when the log does not come whole. */
export async function auditExportCommand({
  args,
  options,
}: CommandCall<AuditFilterOptions & { file?: string }>): Promise<void> {
  checkArguments(args, 0, 'see hoop admin audit export --help');
  const path = withQuery(paths.auditExport, auditQuery(options));
  const rows = await signedInClient().download(path, { timeoutMs });
  if (options.file !== undefined) return writePrivateFile(options.file, rows, 'the rows');
  if (!process.stdout.isTTY) return pipeline(rows, process.stdout, { end: false });
  return pipeline(rows, harmless, process.stdout, { end: false });
}

/** What others wrote does nothing to the terminal. */
async function* harmless(rows: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const part of rows) yield escapeInvisibleJson(decoder.decode(part, { stream: true }));
}
