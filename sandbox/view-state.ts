import { elementsOf } from './blocks/validate.ts';
import type { Block, Json } from './model.ts';

type Values = Record<string, Record<string, Json>>;

/** The field of a state entry that holds the choice, by element type. https://docs.slack.dev/reference/views */
const FIELD: Record<string, string> = {
  plain_text_input: 'value',
  email_text_input: 'value',
  url_text_input: 'value',
  number_input: 'value',
  rich_text_input: 'rich_text_value',
  static_select: 'selected_option',
  external_select: 'selected_option',
  radio_buttons: 'selected_option',
  checkboxes: 'selected_options',
  multi_static_select: 'selected_options',
  users_select: 'selected_user',
  channels_select: 'selected_channel',
  conversations_select: 'selected_conversation',
  multi_users_select: 'selected_users',
  multi_channels_select: 'selected_channels',
  multi_conversations_select: 'selected_conversations',
  datepicker: 'selected_date',
  timepicker: 'selected_time',
  datetimepicker: 'selected_date_time',
};

const isList = (field: string) => field.endsWith('s');

/** The options of a select, groups included. */
export function optionsOf(element: Json): Json[] {
  const groups = (element.option_groups ?? []) as { options: Json[] }[];
  return [...((element.options ?? []) as Json[]), ...groups.flatMap((group) => group.options)];
}

/** What an element holds before anybody touched it. */
function untouched(element: Json): Json {
  const field = FIELD[String(element.type)]!;
  const initial = element[field.replace(/^selected_/, 'initial_').replace(/^(rich_text_)?value$/, 'initial_value')];
  return { type: element.type, [field]: initial ?? (isList(field) ? [] : null) };
}

/** What an element holds once a person entered or chose `value`. */
export function entered(element: Json, value: unknown): Json {
  const field = FIELD[String(element.type)];
  if (!field) return { type: element.type };
  const values = (Array.isArray(value) ? value : [value]).filter((entry) => entry !== null && entry !== '');
  const chosen = field.startsWith('selected_option')
    ? optionsOf(element).filter((option) => values.includes(option.value))
    : values;
  if (isList(field)) return { type: element.type, [field]: chosen };
  return { type: element.type, [field]: chosen[0] ?? null };
}

/** `state.values` of a view; what was entered in a block and action that is still there stays. */
export function viewValues(blocks: Block[], before: Values = {}): Values {
  const values: Values = {};
  for (const { block, element } of statefulElements(blocks)) {
    const kept: Json | undefined = before[block.block_id!]?.[String(element.action_id)];
    (values[block.block_id!] ??= {})[String(element.action_id)] =
      kept && kept.type === element.type ? kept : untouched(element);
  }
  return values;
}

function statefulElements(blocks: Block[]) {
  return blocks.flatMap((block) =>
    elementsOf(block)
      .filter((element) => FIELD[String(element.type)])
      .map((element) => ({ block, element })),
  );
}

/** Puts a person's entries, named by block or by action, into the state. */
export function withEntries(blocks: Block[], before: Values, entries: Json): Values {
  const values = structuredClone(before);
  for (const { block, element } of statefulElements(blocks)) {
    const ofBlock = entries[block.block_id!];
    const action = String(element.action_id);
    const nested = typeof ofBlock === 'object' && ofBlock !== null && !Array.isArray(ofBlock) ? (ofBlock as Json) : {};
    const plain = typeof ofBlock === 'string' || Array.isArray(ofBlock) ? ofBlock : undefined;
    const value = nested[action] ?? plain ?? entries[action];
    if (value !== undefined) values[block.block_id!]![action] = entered(element, value);
  }
  return values;
}

/** What Slack's client refuses before the app hears of a submit, per block. */
export function incomplete(blocks: Block[], values: Values): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { block, element } of statefulElements(blocks)) {
    if (block.type !== 'input') continue;
    const state = values[block.block_id!]?.[String(element.action_id)] ?? {};
    const value = state[FIELD[String(element.type)]!];
    const problem = problemWith(element, value, block.optional === true);
    if (problem) errors[block.block_id!] = problem;
  }
  return errors;
}

function problemWith(element: Json, value: unknown, isOptional: boolean): string | undefined {
  const empty = value === null || value === undefined || (Array.isArray(value) && value.length === 0);
  if (empty) return isOptional ? undefined : 'Please complete this required field.';
  if (typeof value !== 'string') return undefined;
  const max = Number(element.max_length ?? 3000);
  if (value.length > max) return `Must be no more than ${max} characters`;
  const min = Number(element.min_length ?? 0);
  if (value.length < min) return `Must be at least ${min} characters`;
  if (element.type === 'number_input' && !Number.isFinite(Number(value))) return 'Must be a number';
  return undefined;
}
