/** How a part of the health page is put together, and the time that each has to answer. */
import { healthAdvice, type HealthAdvice } from '#shared/health-advice.ts';
import {
  healthStates,
  type HealthFact,
  type HealthPart,
  type HealthPartName,
  type HealthState,
  type HealthThing,
} from '#shared/health-schemas.ts';
import type { Core } from './context.ts';

/** What one part measures with. */
export interface Measuring {
  core: Core;
  /** Of the gateway that answers. */
  version: string;
  /** Milliseconds that each part has. */
  withinMs: number;
}

/** What a part found; left out: nothing to say. */
export interface Finding {
  state?: HealthState;
  summary: string;
  advice?: HealthAdvice[];
  facts?: HealthFact[];
  things?: HealthThing[];
  link?: string | null;
}

export function partOf(part: HealthPartName, found: Finding): HealthPart {
  const { state = 'ok', summary, advice = [], facts = [], things = [], link = null } = found;
  const sentences = [...new Set(advice)].map((code) => healthAdvice[code]);
  return { part, state, summary, advice: sentences, facts, things, link };
}

export function worst(states: readonly HealthState[]): HealthState {
  return healthStates.findLast((state) => states.includes(state)) ?? 'ok';
}

export const text = (name: string, value: string | number): HealthFact => ({
  name,
  value: String(value),
  kind: 'text',
});
export const bytes = (name: string, value: number): HealthFact => ({ name, value: String(value), kind: 'bytes' });
export const time = (name: string, at: Date | null): HealthFact[] =>
  at ? [{ name, value: at.toISOString(), kind: 'time' }] : [];

/** "1 gateway", "3 gateways". */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** One part that does not answer holds up no other, and says so itself. */
export async function measured(
  part: HealthPartName,
  withinMs: number,
  measure: () => Promise<Finding>,
  silent: HealthAdvice = 'silent',
): Promise<HealthPart> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Finding>((resolve) => {
    const found: Finding = { state: 'bad', summary: `Does not answer within ${withinMs / 1000} s.`, advice: [silent] };
    timer = setTimeout(resolve, withinMs, found);
  });
  const failed = (error: unknown): Finding => ({
    state: 'bad',
    summary: `Does not answer: ${reasonOf(error)}`,
    advice: [silent],
  });
  const found = await Promise.race([measure().catch(failed), tooLate]);
  clearTimeout(timer);
  return partOf(part, found);
}

/** The first line of it, for admins. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n', 1)[0]?.slice(0, 200) || 'no reason given';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
