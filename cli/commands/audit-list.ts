import { limits, paths } from '#shared/api-paths.ts';
import type { AuditRow } from '#shared/audit-schemas.ts';
import { signedInClient, withQuery, type ApiClient } from '../client.ts';
import { auditQuery, type AuditFilterOptions } from '../audit-query.ts';
import type { CommandCall } from '../definitions/define.ts';
import { checkArguments, wholeNumber } from '../options.ts';
import { printJson, printTable } from '../output.ts';
import { say, usageError } from '../terminal.ts';
import { localStamp } from '../times.ts';

interface AuditListOptions extends AuditFilterOptions {
  limit: string;
  before?: string;
  output?: 'json';
}

/** Characters of a row's details in the table; JSON has all. */
const detailsLength = 100;

export async function auditListCommand({ args, options }: CommandCall<AuditListOptions>): Promise<void> {
  checkArguments(args, 0, 'see hoop admin audit list --help');
  const most = wholeNumber('--limit', options.limit);
  if (most === 0) throw usageError('--limit takes 1 or more.');
  const start = options.before === undefined ? undefined : wholeNumber('--before', options.before);
  const query = auditQuery(options);
  const { rows, more } = await readPages(signedInClient(), query, start, most);
  if (options.output === 'json') printJson(rows);
  else if (rows.length === 0) say('No rows.');
  else table(rows);
  const last = rows.at(-1);
  if (more && last) say(`There are more: add --before ${last.id}`);
}

/** One more than asked for is read, to know whether there are more; the gateway gives a page at a time. */
async function readPages(
  client: ApiClient,
  query: Record<string, string | undefined>,
  start: number | undefined,
  most: number,
): Promise<{ rows: AuditRow[]; more: boolean }> {
  const rows: AuditRow[] = [];
  for (let before = start; rows.length <= most; before = rows.at(-1)?.id) {
    const limit = Math.min(limits.pageSize, most + 1 - rows.length);
    const page = await client.get<AuditRow[]>(withQuery(paths.audit, { ...query, before, limit }));
    rows.push(...page);
    if (page.length < limit) break;
  }
  return { rows: rows.slice(0, most), more: rows.length > most };
}

function table(rows: AuditRow[]): void {
  printTable(
    ['ROW', 'AT', 'ACTOR', 'ACTION', 'SUBJECT', 'DETAILS'],
    rows.map(({ id, at, actor, action, subject, details }) => [
      ...[String(id), localStamp(at), actor, action, subject],
      shortened(JSON.stringify(details)),
    ]),
  );
}

function shortened(details: string): string {
  const characters = [...details];
  if (details === '{}') return '-';
  return characters.length <= detailsLength ? details : `${characters.slice(0, detailsLength - 1).join('')}…`;
}
