import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { paths } from '#shared/api-paths.ts';
import { auditQuery, type AuditFilterOptions } from '../audit-query.ts';
import { signedInClient, withQuery } from '../client.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments } from '../options.ts';
import { usageError } from '../terminal.ts';

/** Reading a long log takes its time. */
const timeoutMs = 600_000;

/** Throws a usage error for a file that cannot be written, and `unavailable` when the log does not come whole. */
export async function auditExportCommand({
  args,
  options,
}: CommandCall<AuditFilterOptions & { file?: string }>): Promise<void> {
  checkArguments(args, 0, 'see hoop admin audit export --help');
  const path = withQuery(paths.auditExport, auditQuery(options));
  const rows = await signedInClient().download(path, { timeoutMs });
  if (options.file === undefined) return pipeline(rows, process.stdout, { end: false });
  // what people did is nobody else's business
  const file = createWriteStream(options.file, { mode: 0o600 });
  await once(file, 'open').catch((error: Error) => {
    rows.destroy();
    throw usageError(`cannot write the rows: ${error.message}`);
  });
  await pipeline(rows, file);
}
