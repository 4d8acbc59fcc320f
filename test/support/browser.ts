import chromium from '@sparticuz/chromium';
import { chromium as playwright, type Browser } from 'playwright-core';

/**
 * A real headless browser, from a package, so that nothing is downloaded. BROWSER_PATH names another one.
 * Close it in `afterAll`: a browser left open fails the run.
 */
export async function launchBrowser(): Promise<Browser> {
  const own = process.env.BROWSER_PATH;
  return playwright.launch({
    executablePath: own ?? (await chromium.executablePath()),
    // Not the package's own `args`: they run it in one process, which dies with its first closed context, and switch
    // off the web security that pages are tested under.
    args: ['--no-sandbox'],
    headless: true,
  });
}
