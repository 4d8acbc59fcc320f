/** How long until a page of the console shows its list, in a real browser, and what its requests took. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { BenchHoop } from '../lib/hoop.ts';
import { Series, type Summary } from '../lib/statistics.ts';

/** The name of a page, and where it is. */
export const pages = {
  Reviews: '/reviews',
  Sessions: '/sessions',
  Users: '/admin/users',
  Connections: '/admin/connections',
  'Audit log': '/admin/audit',
} as const;
export type PageName = keyof typeof pages;

export interface PageResult {
  /** From the navigation to the list, in milliseconds. */
  shown: Summary;
  /** By path, without its query, from the request to the whole answer. */
  requests: Record<string, Summary>;
}

/** Opened a few times before they count: the first brings the files. */
const warmUps = 2;

export async function measurePages(
  browser: Browser,
  { home, run }: BenchHoop,
  samples: number,
): Promise<Record<PageName, PageResult>> {
  const page = await browser.newPage({ baseURL: run.apiUrl, viewport: { width: 1280, height: 900 } });
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill('admin@localhost');
  await page
    .getByLabel('Password', { exact: true })
    .fill((await readFile(join(home, 'admin-password'), 'utf8')).trim());
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  const results: [PageName, PageResult][] = [];
  for (const name of Object.keys(pages) as PageName[]) results.push([name, await measurePage(page, name, samples)]);
  await page.close();
  return Object.fromEntries(results) as Record<PageName, PageResult>;
}

async function measurePage(page: Page, name: PageName, samples: number): Promise<PageResult> {
  const shown = new Series<'shown'>();
  const requests = new Series<string>();
  for (let turn = -warmUps; turn < samples; turn += 1) {
    await page.goto(pages[name], { waitUntil: 'commit' });
    const at = await untilShown(page);
    if (turn < 0) continue;
    shown.add('shown', at);
    for (const { path, ms } of await answeredRequests(page)) requests.add(path, ms);
  }
  return { shown: shown.summary('shown'), requests: requests.summaries() as Record<string, Summary> };
}

/** There is a heading, and nothing that stands for what will come. */
async function untilShown(page: Page): Promise<number> {
  const found = await page.waitForFunction(() => {
    const there = document.querySelector('main h1') !== null;
    const loading = document.querySelector('main .mantine-Skeleton-root') !== null;
    return there && !loading ? performance.now() : false;
  });
  return Number(await found.jsonValue());
}

function answeredRequests(page: Page): Promise<{ path: string; ms: number }[]> {
  return page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter(({ name }) => new URL(name).pathname.startsWith('/api/'))
      .map(({ name, duration }) => ({ path: new URL(name).pathname, ms: duration })),
  );
}
