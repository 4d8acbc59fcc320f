import {
  all,
  among,
  anything,
  boolean,
  byType,
  integer,
  isObject,
  list,
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
const option = object({
  text: text(75),
  value: string(150),
  description: optional(text(75)),
  url: optional(url),
});
const optionGroup = object({ label: plainText(75), options: list(option, 100) });

const base = {
  action_id: optional(id),
  confirm: optional(confirm),
  focus_on_load: optional(boolean),
  placeholder: optional(plainText(150)),
};
const maxSelected = { max_selected_items: optional(integer(1, 1000)) };
const dispatching = { dispatch_action_config: optional(anything) };

const hasOptions: Rule = (value, pointer, report) => {
  if (isObject(value) && !value.options && !value.option_groups) report('missing required field: options', pointer);
};
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

const choices: Record<string, Rule> = {
  static_select: all(object({ ...base, ...options, initial_option: optional(anything) }), hasOptions),
  multi_static_select: all(
    object({ ...base, ...options, ...maxSelected, initial_options: optional(list(anything, 100)) }),
    hasOptions,
  ),
  radio_buttons: object({ ...base, options: list(option, 10), initial_option: optional(option) }),
  checkboxes: object({ ...base, options: list(option, 10), initial_options: optional(list(option, 10)) }),
  external_select: object({ ...base, min_query_length: optional(anything), initial_option: optional(option) }),
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
  datepicker: object({ ...base, initial_date: optional(string(10)) }),
  timepicker: object({ ...base, initial_time: optional(string(5)), timezone: optional(string(100)) }),
  datetimepicker: object({ ...base, initial_date_time: optional(integer(1e9, 1e10 - 1)) }),
};

const image = object({ image_url: optional(url), slack_file: optional(anything), alt_text: string(2000, 1) });
const overflow = object({ ...base, options: list(option, 5) });

export const actionElement = byType({ button, overflow, ...choices });
export const accessory = byType({ button, overflow, image, ...choices });
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
  rich_text_input: object({ ...base, ...dispatching, initial_value: optional(anything) }),
});
