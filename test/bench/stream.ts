/**
 * `npm run bench -- stream`: hoops of real processes, one for each part: how fast output flows while it is recorded,
 * how soon a key comes back, what many cost that wait, and how soon an approved command speaks. `--only
 * throughput,keys,memory,approval` leaves parts out; `stream/options.ts` has the sizes.
 */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { machineOf } from './lib/machine.ts';
import { until } from './lib/stopping.ts';
import { measureApproval } from './stream/approval.ts';
import { measureKeys } from './stream/keys.ts';
import { measureMemory } from './stream/memory.ts';
import { parseStreamOptions } from './stream/options.ts';
import { targetsOf, textOf, type Result } from './stream/report.ts';
import { measureThroughput } from './stream/throughput.ts';

await until(async (onStop) => {
  const options = parseStreamOptions();
  const loadBefore = loadavg();
  const asked = options.stages;
  const throughput = asked.includes('throughput') ? await measureThroughput(onStop, options) : undefined;
  const keys = asked.includes('keys') ? await measureKeys(onStop, options) : undefined;
  const memory = asked.includes('memory') ? await measureMemory(onStop, options) : undefined;
  const approval = asked.includes('approval') ? await measureApproval(onStop, options) : undefined;
  const measured: Omit<Result, 'targets'> = {
    subject: 'stream',
    at: new Date().toISOString(),
    machine: machineOf(loadBefore),
    ...(throughput && { throughput }),
    ...(keys && { keys }),
    ...(memory && { memory }),
    ...(approval && { approval }),
  };
  const result: Result = { ...measured, targets: targetsOf(measured) };
  await writeFile(options.out, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`${textOf(result)}\n\nAs JSON: ${options.out}`);
});
