/** What holds for every page, however wide the screen. */
import type { Page } from 'playwright-core';

/** Waits until nothing stands for what is still to come, and the page has its one main heading. */
export async function untilSettled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await page
    .locator('.mantine-Skeleton-root:visible, .mantine-Loader-root:visible')
    .first()
    .waitFor({ state: 'detached' });
}

/** What is beyond the edge of the screen, but for what scrolls in a box of its own; nothing if nothing is. */
export function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const beyond = (element: Element) => element.getBoundingClientRect().right > clientWidth;
    const elements = [...document.querySelectorAll('body *')].filter(beyond).slice(0, 5);
    return [`${scrollWidth - clientWidth} px too wide:`, ...elements.map(({ outerHTML }) => outerHTML.slice(0, 120))];
  });
}
