/**
 * `npm run bench -- reviews`: hoops of real processes, one for each part, beside minimal workflows of the same shape on
 * the same Temporal. `--only throughput,pending,history` leaves parts out; `reviews/options.ts` has the sizes.
 */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { machineOf } from './lib/machine.ts';
import { until } from './lib/stopping.ts';
import { measureHistory } from './reviews/history.ts';
import { parseReviewsOptions } from './reviews/options.ts';
import { measurePending } from './reviews/pending.ts';
import { textOf, type Result } from './reviews/report.ts';
import { measureThroughput } from './reviews/throughput.ts';

await until(async (onStop) => {
  const options = parseReviewsOptions();
  const loadBefore = loadavg();
  const history = options.stages.includes('history') ? await measureHistory(onStop) : undefined;
  const throughput = options.stages.includes('throughput') ? await measureThroughput(onStop, options) : undefined;
  const pending = options.stages.includes('pending') ? await measurePending(onStop, options) : undefined;
  const result: Result = {
    subject: 'reviews',
    at: new Date().toISOString(),
    machine: machineOf(loadBefore),
    ...(throughput && { throughput }),
    ...(pending && { pending }),
    ...(history && { history }),
  };
  await writeFile(options.out, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`${textOf(result)}\n\nAs JSON: ${options.out}`);
});
