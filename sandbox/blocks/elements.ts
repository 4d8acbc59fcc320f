import { optionsOf } from '../entry.ts';
import {
  all,
  among,
  anything,
  boolean,
  byType,
  integer,
  isObject,
  list,
  matching,
  object,
  optional,
  string,
  url,
  type Rule,
} from './rules.ts';

/** Limits: https://docs.slack.dev/reference/block-kit/block-elements */

const textFields = (max: number, min: number) => ({ text: string(max, min), emoji: optional(boolean) });
export const plainText = (max: number, min = 1): Rule => byType({ plain_text: object(textFields(max, min)) });
export const text = (max: number, min = 1): Rule =>
  byType({
    plain_text: object(textFields(max, min)),
    mrkdwn: object({ text: string(max, min), verbatim: optional(boolean) }),
  });

export const id = string(255, 1);
const confirm = object({
  title: plainText(100),
  text: text(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: optional(among('primary', 'danger')),
});
const option = object({ text: plainText(75), value: string(150), description: optional(plainText(75)) });
/** Radio buttons and checkboxes may be formatted. */
const formattedOption = object({ text: text(75), value: string(150), description: optional(text(75)) });
const linkOption = object({
  text: plainText(75),
  value: string(150),
  description: optional(plainText(75)),
  url: optional(url),
});
const optionGroup = object({ label: plainText(75), options: list(option, 100) });

const actionable = { action_id: optional(id), confirm: optional(confirm) };
const focusable = { ...actionable, focus_on_load: optional(boolean) };
const base = { ...focusable, placeholder: optional(plainText(150)) };
const maxSelected = { max_selected_items: optional(integer(1, 1000)) };
const dispatching = { dispatch_action_config: optional(anything) };

const hasOptions: Rule = (value, pointer, report) => {
  if (isObject(value) && !value.options && !value.option_groups) report('missing required field: options', pointer);
  if (isObject(value) && value.options && value.option_groups) {
    report('only one of `options` and `option_groups` allowed', pointer);
  }
};
const sameOption = (one: unknown, other: unknown) =>
  isObject(one) &&
  isObject(other) &&
  one.value === other.value &&
  isObject(one.text) &&
  isObject(other.text) &&
  one.text.text === other.text.text;
/** What is chosen at first must be there, word for word. */
const initialIsAnOption: Rule = (value, pointer, report) => {
  if (!isObject(value)) return;
  const name = value.initial_option ? 'initial_option' : 'initial_options';
  const initial = [value[name] ?? []].flat();
  const there = optionsOf(value);
  if (initial.every((entry) => there.some((option) => sameOption(option, entry)))) return;
  report(`\`${name}\` must be one of the options`, `${pointer}/${name}`);
};
const choosing = (fields: Parameters<typeof object>[0], ...rules: Rule[]) =>
  all(object(fields), initialIsAnOption, ...rules);
const options = { options: optional(list(option, 100)), option_groups: optional(list(optionGroup, 100)) };

const textInput = {
  ...base,
  ...dispatching,
  initial_value: optional(string(3000)),
  min_length: optional(integer(0, 3000)),
  max_length: optional(integer(1, 3000)),
};
const picker = { ...base, response_url_enabled: optional(boolean), filter: optional(anything) };
const conversation = { ...picker, default_to_current_conversation: optional(boolean) };

const button = object({
  text: plainText(75),
  action_id: optional(id),
  url: optional(url),
  value: optional(string(2000)),
  style: optional(among('primary', 'danger')),
  confirm: optional(confirm),
  accessibility_label: optional(string(75)),
});

const external = { ...base, min_query_length: optional(integer(0, 1000)) };
const choices: Record<string, Rule> = {
  static_select: choosing({ ...base, ...options, initial_option: optional(option) }, hasOptions),
  multi_static_select: choosing(
    { ...base, ...options, ...maxSelected, initial_options: optional(list(option, 100)) },
    hasOptions,
  ),
  radio_buttons: choosing({
    ...focusable,
    options: list(formattedOption, 10),
    initial_option: optional(formattedOption),
  }),
  checkboxes: choosing({
    ...focusable,
    options: list(formattedOption, 10),
    initial_options: optional(list(formattedOption, 10)),
  }),
  external_select: object({ ...external, initial_option: optional(option) }),
  multi_external_select: object({ ...external, ...maxSelected, initial_options: optional(list(option, 100)) }),
  users_select: object({ ...picker, initial_user: optional(id) }),
  conversations_select: object({ ...conversation, initial_conversation: optional(id) }),
  channels_select: object({ ...picker, initial_channel: optional(id) }),
  multi_users_select: object({ ...picker, ...maxSelected, initial_users: optional(list(id, 100)) }),
  multi_conversations_select: object({
    ...conversation,
    ...maxSelected,
    initial_conversations: optional(list(id, 100)),
  }),
  multi_channels_select: object({ ...picker, ...maxSelected, initial_channels: optional(list(id, 100)) }),
  datepicker: object({ ...base, initial_date: optional(matching(/^\d{4}-\d\d-\d\d$/, 'YYYY-MM-DD')) }),
  timepicker: object({
    ...base,
    initial_time: optional(matching(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:mm')),
    timezone: optional(string(100)),
  }),
  datetimepicker: object({ ...focusable, initial_date_time: optional(integer(1e9, 1e10 - 1)) }),
};

export const pictured: Rule = (value, pointer, report) => {
  if (isObject(value) && !value.image_url && !value.slack_file) report('missing required field: image_url', pointer);
};
export const slackFile = object({ id: optional(string(100, 1)), url: optional(url) });
export const image = all(
  object({ image_url: optional(url), slack_file: optional(slackFile), alt_text: string(2000, 1) }),
  pictured,
);
const overflow = object({ ...actionable, options: list(linkOption, 5) });
const workflow_button = object({
  text: plainText(75),
  action_id: optional(id),
  workflow: object({ trigger: object({ url, customizable_input_parameters: optional(list(anything, 100)) }) }),
  style: optional(among('primary', 'danger')),
  accessibility_label: optional(string(75)),
});
const rich_text_input = object({
  ...base,
  ...dispatching,
  initial_value: optional(anything),
  min_lines: optional(integer(1, 100)),
  max_lines: optional(integer(1, 100)),
});

const feedback = object({ text: plainText(75), value: string(2000), accessibility_label: optional(string(75)) });
export const contextAction = byType({
  feedback_buttons: object({ action_id: optional(id), positive_button: feedback, negative_button: feedback }),
  icon_button: object({
    ...actionable,
    icon: among('trash'),
    text: plainText(75),
    value: optional(string(2000)),
    accessibility_label: optional(string(75)),
    visible_to_user_ids: optional(list(id, 100)),
  }),
});
export const cardAction = byType({ button });
export const actionElement = byType({ button, overflow, workflow_button, rich_text_input, ...choices });
export const accessory = byType({ button, overflow, image, workflow_button, ...choices });
export const contextElement: Rule = (value, pointer, report) => {
  if (isObject(value) && value.type === 'image') image(value, pointer, report);
  else text(3000)(value, pointer, report);
};
export const inputElement = byType({
  ...choices,
  plain_text_input: object({ ...textInput, multiline: optional(boolean) }),
  email_text_input: object(textInput),
  url_text_input: object(textInput),
  number_input: object({
    ...textInput,
    is_decimal_allowed: boolean,
    min_value: optional(anything),
    max_value: optional(anything),
  }),
  file_input: object({ action_id: optional(id), filetypes: optional(anything), max_files: optional(integer(1, 10)) }),
  rich_text_input,
});
