import { ControlError } from './errors.ts';
import type { Json } from './model.ts';

/** What one element holds, as Slack writes it. */

/** The field of a state entry that holds the choice, by element type. https://docs.slack.dev/reference/views */
export const FIELD: Record<string, string> = {
  plain_text_input: 'value',
  email_text_input: 'value',
  url_text_input: 'value',
  number_input: 'value',
  rich_text_input: 'rich_text_value',
  file_input: 'files',
  static_select: 'selected_option',
  external_select: 'selected_option',
  radio_buttons: 'selected_option',
  checkboxes: 'selected_options',
  multi_static_select: 'selected_options',
  multi_external_select: 'selected_options',
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
  const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value : []);
  return [...listOf(element.options), ...listOf(element.option_groups).flatMap((group) => listOf(group?.options))];
}

/** The options with these values. @throws ControlError unknown_option */
export function choose(options: Json[], values: unknown[]): Json[] {
  return values.map((value) => {
    const option = options.find((entry) => entry.value === value);
    if (option) return option;
    const there = options.map((entry) => String(entry.value)).join(', ') || 'none';
    throw new ControlError(422, 'unknown_option', `There is no option "${String(value)}"; there are: ${there}.`);
  });
}

/** What an element holds before anybody touched it. */
export function untouched(element: Json): Json {
  const field = FIELD[String(element.type)]!;
  const initial = element[field.replace(/^selected_/, 'initial_').replace(/^(rich_text_)?value$/, 'initial_value')];
  return { type: element.type, [field]: initial ?? (isList(field) ? [] : null) };
}

/** What an element holds once a person entered or chose `value`. @throws ControlError unknown_option */
export function entered(element: Json, value: unknown, offered: Json[] = []): Json {
  const field = FIELD[String(element.type)]!;
  const values = (Array.isArray(value) ? value : [value]).filter((entry) => ![null, undefined, ''].includes(entry));
  const held = field.startsWith('selected_option')
    ? choose([...optionsOf(element), ...offered], values)
    : values.map((entry) => written(field, String(entry)));
  if (isList(field)) return { type: element.type, [field]: held };
  return { type: element.type, [field]: held[0] ?? null };
}

function written(field: string, typed: string): unknown {
  if (field === 'selected_date_time') return Number(typed);
  if (field !== 'rich_text_value') return typed;
  const section = { type: 'rich_text_section', elements: [{ type: 'text', text: typed }] };
  return { type: 'rich_text', elements: [section] };
}

/** What Slack's client says under a field that it does not submit. */
export function problemWith(element: Json, value: unknown, isOptional: boolean): string | undefined {
  const empty = value === null || value === undefined || (Array.isArray(value) && value.length === 0);
  if (empty) return isOptional ? undefined : 'Please complete this required field.';
  if (Array.isArray(value)) {
    const most = Number(element.max_selected_items ?? Infinity);
    return value.length > most ? `Select no more than ${most} items` : undefined;
  }
  if (typeof value !== 'string') return undefined;
  const max = Number(element.max_length ?? 3000);
  if (value.length > max) return `Must be no more than ${max} characters`;
  const min = Number(element.min_length ?? 0);
  if (value.length < min) return `Must be at least ${min} characters`;
  return FORMATS[String(element.type)]?.(value, element);
}

const FORMATS: Record<string, (value: string, element: Json) => string | undefined> = {
  number_input: (value, { is_decimal_allowed: decimal, min_value: min, max_value: max }) => {
    const number = Number(value);
    if (!Number.isFinite(number)) return 'Must be a number';
    if (!decimal && !Number.isInteger(number)) return 'Must be a whole number';
    if (number < Number(min ?? -Infinity)) return `Must be at least ${String(min)}`;
    return number > Number(max ?? Infinity) ? `Must be no more than ${String(max)}` : undefined;
  },
  email_text_input: (value) => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) ? undefined : 'Must be a valid email address'),
  url_text_input: (value) => (URL.canParse(value) ? undefined : 'Must be a valid URL'),
};
