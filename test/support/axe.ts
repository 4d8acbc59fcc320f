/** What axe (https://github.com/dequelabs/axe-core) finds wrong with a page for those who see, hear or move otherwise. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  impact: 'minor' | 'moderate' | 'serious' | 'critical' | null;
  help: string;
  nodes: { html: string; target: string[]; failureSummary: string }[];
}

/** Fails with what axe calls serious or critical, an element a paragraph. */
export async function expectAccessible(page: Page): Promise<void> {
  const found = await accessibilityProblems(page);
  if (found.length > 0) expect.fail(`axe, at ${page.url()}:\n\n${found.join('\n\n')}`);
  expect(found).toEqual([]);
}

/** Of the given impacts: `rule (impact): what to do` and where. */
export async function accessibilityProblems(page: Page, impacts = ['serious', 'critical']): Promise<string[]> {
  await isStill(page);
  // Run by the browser's own tools: the page's policy allows no scripts but its own.
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { axe: checker } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    return (await checker.run()).violations;
  });
  return violations
    .filter(({ impact }) => impact === null || impacts.includes(impact))
    .flatMap(({ id, impact, help, nodes }) =>
      nodes.map(
        ({ html, target, failureSummary }) =>
          `${id} (${impact}): ${help}\n  ${target.join(' ')}\n  ${html.slice(0, 200)}\n  ${failureSummary.replaceAll('\n', '\n  ')}`,
      ),
    );
}

/** Waits until what moves or fades has come to its end: a colour on its way is not the one that is read. */
async function isStill(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const ends = ({ effect }: Animation) => effect?.getComputedTiming().endTime !== Infinity;
    const isMoving = () => document.getAnimations().some((one) => one.playState === 'running' && ends(one));
    // what a change of the screen or its colours sets off begins with a frame
    do for (let frames = 0; frames < 3; frames++) await frame();
    while (isMoving());
  });
}
