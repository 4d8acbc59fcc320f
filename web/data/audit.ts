/** The audit log: its rows, its verification, its export. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { paths } from '#shared/api-schemas.ts';
import {
  auditCheck,
  auditCheckLine,
  auditRow,
  type AuditFilterInput,
  type AuditVerdict,
} from '#shared/audit-schemas.ts';
import { parseJson } from '#shared/parse-json.ts';
import { ApiError, ask, askFor, withQuery } from './ask.ts';

export type AuditFilter = AuditFilterInput & { before?: number };

const pageCount = 50;
const all = ['audit'] as const;

export const auditQuery = ({ before, ...filter }: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: [...all, 'rows', filter, before],
    queryFn: ({ pageParam, signal }) =>
      askFor(z.array(auditRow), withQuery(paths.audit, { ...filter, before: pageParam, limit: pageCount }), { signal }),
    initialPageParam: before,
    getNextPageParam: (page) => (page.length < pageCount ? undefined : page.at(-1)?.id),
    placeholderData: keepPreviousData,
  });

/** Where a browser gets the rows as a file. */
export const auditExportPath = (filter: AuditFilterInput): string => withQuery(paths.auditExport, { ...filter });

export const auditCheckQuery = queryOptions({
  queryKey: [...all, 'check'],
  queryFn: ({ signal }) => askFor(auditCheck, paths.auditChecks, { signal }),
});

export interface VerifyProgress {
  rows: number;
  of: number;
}

/** Walks the chain; tells how far it is. Ends early, with an error, once `signal` is aborted. */
export async function verifyAudit(
  onProgress: (progress: VerifyProgress) => void,
  signal: AbortSignal,
): Promise<AuditVerdict> {
  const response = await ask(paths.auditChecks, { method: 'POST', body: {}, signal });
  const text = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  while (text) {
    const { done, value = '' } = await text.read().catch(() => ({ done: true, value: '' }));
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const said = auditCheckLine.safeParse(parseJson(line));
      if (!said.success) continue;
      if (said.data.kind === 'verdict') return said.data.verdict;
      if (said.data.kind === 'failed') throw new ApiError('internal', said.data.message);
      onProgress(said.data);
    }
    if (done) break;
  }
  throw new ApiError('unreachable', 'The line to the gateway broke before all rows were read. Verify once more.');
}
