import { accessory, actionElement, contextElement, id, inputElement, plainText, text } from './elements.ts';
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

/** Limits: https://docs.slack.dev/reference/block-kit/blocks */

const style = optional(anything);
const richText = {
  text: object({ text: string(Infinity, 1), style }),
  link: object({ url: string(3000, 1), text: optional(string(Infinity)), style, unsafe: optional(boolean) }),
};
const inline = byType({
  ...richText,
  emoji: object({ name: string(255, 1), unicode: optional(anything), skin_tone: optional(anything), style }),
  user: object({ user_id: id, style }),
  channel: object({ channel_id: id, style }),
  usergroup: object({ usergroup_id: id, style }),
  broadcast: object({ range: among('here', 'channel', 'everyone'), style }),
  color: object({ value: string(20, 1) }),
  date: object({
    timestamp: anything,
    format: string(500, 1),
    url: optional(url),
    fallback: optional(string(500)),
    style,
  }),
});
const section = object({ elements: list(inline, Infinity, 0) });
const richTextElement = byType({
  rich_text_section: section,
  rich_text_list: object({
    style: among('bullet', 'ordered'),
    elements: list(byType({ rich_text_section: section }), Infinity),
    indent: optional(integer(0, 8)),
    offset: optional(integer(0, 1e6)),
    border: optional(integer(0, 1)),
  }),
  rich_text_preformatted: object({
    elements: list(byType(richText), Infinity, 0),
    border: optional(integer(0, 1)),
    language: optional(string(50)),
  }),
  rich_text_quote: object({ elements: list(inline, Infinity, 0), border: optional(integer(0, 1)) }),
});

const block_id = optional(string(255));
const sectionHasText: Rule = (value, pointer, report) => {
  if (isObject(value) && !value.text && !value.fields) report('missing required field: text', pointer);
};

export const block = byType({
  section: all(
    object({
      block_id,
      text: optional(text(3000)),
      fields: optional(list(text(2000), 10)),
      accessory: optional(accessory),
      expand: optional(boolean),
    }),
    sectionHasText,
  ),
  header: object({ block_id, text: plainText(150), level: optional(integer(1, 4)) }),
  divider: object({ block_id }),
  context: object({ block_id, elements: list(contextElement, 10) }),
  actions: object({ block_id, elements: list(actionElement, 25) }),
  image: object({
    block_id,
    image_url: optional(url),
    slack_file: optional(anything),
    alt_text: string(2000, 1),
    title: optional(plainText(2000)),
  }),
  input: object({
    block_id,
    label: plainText(2000),
    element: inputElement,
    hint: optional(plainText(2000)),
    optional: optional(boolean),
    dispatch_action: optional(boolean),
  }),
  rich_text: object({ block_id, elements: list(richTextElement, Infinity, 0) }),
  markdown: object({ block_id, text: string(12_000, 1) }),
  table: object({ block_id, rows: list(list(anything, 20), 100), column_settings: optional(list(anything, 20)) }),
});
