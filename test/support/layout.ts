/** What holds for every page, however wide the screen. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { eventuallyPasses } from './eventually.ts';

/** Waits until nothing stands for what is still to come, and the page has its one main heading. */
export async function untilSettled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page.locator('.mantine-Skeleton-root, .mantine-Loader-root').first().waitFor({ state: 'detached' });
}

/** No part of the page is beyond the edge of the screen, but what scrolls in a box of its own. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  await eventuallyPasses(async () => expect(await tooWide(page)).toEqual({ page: page.url(), by: 0, elements: [] }));
}

function tooWide(page: Page): Promise<{ page: string; by: number; elements: string[] }> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const beyond = (element: Element) => element.getBoundingClientRect().right > clientWidth;
    const elements = scrollWidth > clientWidth ? [...document.querySelectorAll('body *')].filter(beyond) : [];
    return {
      page: window.location.href,
      by: scrollWidth - clientWidth,
      elements: elements.slice(0, 5).map((element) => element.outerHTML.slice(0, 120)),
    };
  });
}
