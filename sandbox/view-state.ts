import { interactive, type Interactive } from './blocks/interactive.ts';
import { entered, FIELD, problemWith, untouched } from './entry.ts';
import type { Block, Json, Values } from './model.ts';

/** `state.values` of modals, home tabs and messages. https://docs.slack.dev/reference/views */

/** The options an app offered for an external select. */
export type Offered = (found: Interactive) => Json[];
const none: Offered = () => [];

const stateful = (blocks: Block[]) => interactive(blocks).filter(({ element }) => FIELD[String(element.type)]);

/** What is entered where nothing is said; what was entered in a block and action that is still there stays. */
export function viewValues(blocks: Block[], before: Values = {}): Values {
  const values: Values = {};
  for (const { block, element } of stateful(blocks)) {
    const kept: Json | undefined = before[block.block_id!]?.[String(element.action_id)];
    (values[block.block_id!] ??= {})[String(element.action_id)] =
      kept && kept.type === element.type ? kept : untouched(element);
  }
  return values;
}

/** The state once one element holds `value`; the same when it is one that holds nothing. @throws ControlError */
export function touched(before: Values, found: Interactive, value: unknown, offered: Offered = none): Values {
  const { block, element } = found;
  if (!FIELD[String(element.type)]) return before;
  const entry = entered(element, value, offered(found));
  return { ...before, [block.block_id!]: { ...before[block.block_id!], [String(element.action_id)]: entry } };
}

/** Puts a person's entries, named by block or by action, into the state. @throws ControlError unknown_option */
export function withEntries(blocks: Block[], before: Values, entries: Json, offered: Offered = none): Values {
  let values = before;
  for (const found of stateful(blocks)) {
    const ofBlock = entries[found.block.block_id!];
    const action = String(found.element.action_id);
    const nested = typeof ofBlock === 'object' && ofBlock !== null && !Array.isArray(ofBlock) ? (ofBlock as Json) : {};
    const plain = typeof ofBlock === 'string' || Array.isArray(ofBlock) ? ofBlock : undefined;
    const value = nested[action] ?? plain ?? entries[action];
    if (value !== undefined) values = touched(values, found, value, offered);
  }
  return values;
}

/** What Slack's client refuses before the app hears of a submit, per block. */
export function incomplete(blocks: Block[], values: Values): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { block, element } of stateful(blocks)) {
    if (block.type !== 'input') continue;
    const state = values[block.block_id!]?.[String(element.action_id)] ?? {};
    const problem = problemWith(element, state[FIELD[String(element.type)]!], block.optional === true);
    if (problem) errors[block.block_id!] = problem;
  }
  return errors;
}
