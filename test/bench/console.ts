/**
 * `npm run bench -- console`: pages of the console in a real browser, with an installation that is full beside the same
 * one when it was empty. `console/options.ts` has the sizes.
 */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { launchBrowser } from '#test/support/browser.ts';
import { fill } from './console/fill.ts';
import { parseConsoleOptions } from './console/options.ts';
import { measurePages } from './console/pages.ts';
import { textOf, type Result } from './console/report.ts';
import { machineOf } from './lib/machine.ts';
import { hoopStage } from './lib/stage.ts';
import { until } from './lib/stopping.ts';

await until(async (onStop) => {
  const { out, ...sizes } = parseConsoleOptions();
  const loadBefore = loadavg();
  const measured = await hoopStage(onStop, async (hoop, later) => {
    const browser = await launchBrowser();
    later(() => browser.close());
    console.error('Pages of an empty installation...');
    const empty = await measurePages(browser, hoop, sizes.samples);
    console.error('Filling it...');
    await fill(hoop, { ...sizes, out });
    console.error('The same pages...');
    return { empty, full: await measurePages(browser, hoop, sizes.samples) };
  });
  const result: Result = {
    subject: 'console',
    at: new Date().toISOString(),
    machine: machineOf(loadBefore),
    sizes,
    ...measured,
  };
  await writeFile(out, `${JSON.stringify(result, null, 2)}\n`);
  console.log(`${textOf(result)}\n\nAs JSON: ${out}`);
});
