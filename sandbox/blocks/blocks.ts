import {
  accessory,
  actionElement,
  cardAction,
  contextAction,
  contextElement,
  id,
  image,
  inputElement,
  pictured,
  plainText,
  slackFile,
  text,
} from './elements.ts';
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

/** Blocks that any surface shows. */
const anywhere: Record<string, Rule> = {
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
  image: all(
    object({
      block_id,
      image_url: optional(url),
      slack_file: optional(slackFile),
      alt_text: string(2000, 1),
      title: optional(plainText(2000)),
    }),
    pictured,
  ),
  input: object({
    block_id,
    label: plainText(2000),
    element: inputElement,
    hint: optional(plainText(2000)),
    optional: optional(boolean),
    dispatch_action: optional(boolean),
  }),
  rich_text: object({ block_id, elements: list(richTextElement, Infinity, 0) }),
  video: object({
    block_id,
    video_url: url,
    thumbnail_url: url,
    alt_text: string(2000, 1),
    title: plainText(200),
    title_url: optional(url),
    author_name: optional(string(50)),
    provider_name: optional(string(50)),
    provider_icon_url: optional(url),
    description: optional(plainText(200)),
  }),
  alert: object({
    block_id,
    text: text(2000),
    level: optional(among('default', 'info', 'warning', 'error', 'success')),
  }),
};

const richTextBlock = byType({ rich_text: anywhere.rich_text! });
const cell = byType({
  raw_text: object({ text: string(3000) }),
  raw_number: object({ value: anything, text: string(100) }),
  rich_text: anywhere.rich_text!,
});
const picture = byType({ image });
const card = object({
  block_id,
  hero_image: optional(picture),
  icon: optional(picture),
  title: optional(text(150)),
  subtitle: optional(text(150)),
  body: optional(text(200)),
  actions: optional(list(cardAction, 25)),
});
const task = object({
  block_id,
  task_id: string(255, 1),
  title: string(3000, 1),
  details: optional(richTextBlock),
  output: optional(richTextBlock),
  sources: optional(list(byType({ url: object({ url, text: string(3000) }) }), 100)),
  status: among('pending', 'in_progress', 'complete', 'error'),
});
const table = {
  block_id,
  rows: list(list(cell, 20), 100),
};
const column = object({ align: optional(among('left', 'center', 'right')), is_wrapped: optional(boolean) });

/** Blocks that only messages show. */
const inMessages: Record<string, Rule> = {
  markdown: object({ block_id, text: string(12_000, 1) }),
  table: object({ ...table, column_settings: optional(list(column, 20)) }),
  data_table: object({
    ...table,
    caption: string(3000, 1),
    page_size: optional(integer(1, 100)),
    row_header_column_index: optional(integer(0, 19)),
  }),
  context_actions: object({ block_id, elements: list(contextAction, 5) }),
  card,
  carousel: object({ block_id, elements: list(byType({ card }), 10) }),
  task_card: task,
  plan: object({ block_id, title: string(3000, 1), tasks: optional(list(byType({ task_card: task }), 100)) }),
};

const container = object({
  block_id,
  title: optional(plainText(150)),
  rich_text_title: optional(richTextBlock),
  subtitle: optional(text(150)),
  child_blocks: list(byType({ ...anywhere, table: inMessages.table! }), 10),
  width: optional(among('narrow', 'standard', 'wide', 'full')),
  icon: optional(picture),
  is_collapsible: optional(boolean),
  default_collapsed: optional(boolean),
  has_header_divider: optional(boolean),
});

export const messageBlock = byType({ ...anywhere, ...inMessages, container });
export const viewBlock = byType({ ...anywhere, container });
