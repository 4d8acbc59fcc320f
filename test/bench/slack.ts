/**
 * `npm run bench -- slack`: hoops of real processes against the sandbox, one for each part, beside a minimal Bolt app in
 * the same workspace and the limits that Slack sets. `--only clicks,posting,outage` leaves parts out; `options.ts` has
 * the sizes.
 */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { machineOf } from './lib/machine.ts';
import { until } from './lib/stopping.ts';
import { measureClicks } from './slack/clicks.ts';
import { parseSlackOptions } from './slack/options.ts';
import { measureOutage } from './slack/outage.ts';
import { measurePosting } from './slack/posting.ts';
import { textOf, type Result } from './slack/report.ts';

await until(async (onStop) => {
  const options = parseSlackOptions();
  const loadBefore = loadavg();
  const clicks = options.stages.includes('clicks') ? await measureClicks(onStop, options) : undefined;
  const posting = options.stages.includes('posting') ? await measurePosting(onStop, options) : undefined;
  const outage = options.stages.includes('outage') ? await measureOutage(onStop, options) : undefined;
  const result: Result = {
    subject: 'slack',
    at: new Date().toISOString(),
    machine: machineOf(loadBefore),
    ...(clicks && { clicks }),
    ...(posting && { posting }),
    ...(outage && { outage }),
  };
  await writeFile(options.out, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`${textOf(result)}\n\nAs JSON: ${options.out}`);
});
