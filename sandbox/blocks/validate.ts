import { SlackError } from '../errors.ts';
import { blockId } from '../ids.ts';
import type { Block, Json } from '../model.ts';
import { messageBlock, viewBlock } from './blocks.ts';
import { elementsOf, flat } from './interactive.ts';
import { plainText } from './elements.ts';
import { among, anything, boolean, isObject, list, object, optional, string, type Report, type Rule } from './rules.ts';

const MESSAGE_BLOCKS = 50;
const VIEW_BLOCKS = 100;
/** Seen by others at about 13,000 characters of text in all (slackapi/bolt-js#2509); Slack does not document the number. */
const MESSAGE_TEXT = 13_000;
const VIEW_BYTES = 250_000;

function problemsOf(check: (report: Report) => void): string[] {
  const problems: string[] = [];
  check((message, pointer) => problems.push(`${message} [json-pointer:${pointer}]`));
  return problems;
}

function refusal(code: string, problems: string[]): SlackError {
  const response_metadata = { messages: problems.map((problem) => `[ERROR] ${problem}`) };
  return new SlackError(
    code,
    code === 'invalid_blocks' ? { errors: problems, response_metadata } : { response_metadata },
  );
}

/** The blocks of a message with ids filled in. @throws SlackError invalid_blocks_format, invalid_blocks, msg_blocks_too_long */
export function messageBlocks(value: unknown, pointer = '/blocks'): Block[] {
  if (!Array.isArray(value)) throw new SlackError('invalid_blocks_format');
  const problems = problemsOf((report) => {
    list(messageBlock, MESSAGE_BLOCKS, 0)(value, pointer, report);
    uniqueIds(value, pointer, report);
  });
  if (problems.length > 0) throw refusal('invalid_blocks', problems);
  if (textLength(value) > MESSAGE_TEXT) throw new SlackError('msg_blocks_too_long');
  return withIds(value as Block[]);
}

const title = plainText(24);
const common = {
  blocks: list(viewBlock, VIEW_BLOCKS, 0),
  callback_id: optional(string(255)),
  external_id: optional(string(255)),
  private_metadata: optional(string(3000)),
};
const modal = object({
  ...common,
  title,
  submit: optional(title),
  close: optional(title),
  clear_on_close: optional(boolean),
  notify_on_close: optional(boolean),
  submit_disabled: optional(boolean),
});
const home = object({ ...common, title: optional(anything), submit: optional(anything), close: optional(anything) });

const submitForInputs: Rule = (value, pointer, report) => {
  if (!isObject(value) || value.type !== 'modal' || value.submit || !Array.isArray(value.blocks)) return;
  if (value.blocks.some((entry) => isObject(entry) && entry.type === 'input')) {
    report('must define `submit` to use an `input` block in modals', pointer);
  }
};

/** A view with ids filled in. @throws SlackError invalid_arguments, view_too_large */
export function viewOf(value: unknown): Json & { blocks: Block[] } {
  const problems = problemsOf((report) => {
    if (!isObject(value)) return report('must be an object', '/view');
    among('modal', 'home')(value.type, '/view/type', report);
    (value.type === 'home' ? home : modal)(value, '/view', report);
    submitForInputs(value, '/view', report);
    if (Array.isArray(value.blocks)) uniqueIds(value.blocks, '/view/blocks', report);
  });
  if (problems.length > 0) throw refusal('invalid_arguments', problems);
  if (Buffer.byteLength(JSON.stringify(value)) > VIEW_BYTES) throw new SlackError('view_too_large');
  const { blocks, ...view } = value as Json & { blocks: Block[] };
  return { ...(withTextDefaults(view) as Json), blocks: withIds(blocks) };
}

function uniqueIds(blocks: unknown[], pointer: string, report: Report): void {
  const blockIds = new Set<unknown>();
  blocks.forEach((entry, index) => {
    if (!isObject(entry)) return;
    if (entry.block_id && blockIds.has(entry.block_id)) {
      report(`\`block_id\` "${String(entry.block_id)}" already exists`, `${pointer}/${index}/block_id`);
    }
    blockIds.add(entry.block_id);
    const actionIds = new Set<unknown>();
    elementsOf(entry).forEach((element, position) => {
      if (element.action_id && actionIds.has(element.action_id)) {
        const at = `${pointer}/${index}/elements/${position}/action_id`;
        report(`\`action_id\` "${String(element.action_id)}" already exists`, at);
      }
      actionIds.add(element.action_id);
    });
  });
}

function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, entry) => sum + textLength(entry), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [name, entry]) => sum + (name === 'text' && typeof entry === 'string' ? entry.length : textLength(entry)),
    0,
  );
}

/** Slack fills in block and action ids, and the defaults of text objects, and returns them. */
function withIds(blocks: Block[]): Block[] {
  return blocks.map((entry) => {
    const filled = withTextDefaults(structuredClone(entry)) as Block;
    for (const part of flat([filled])) {
      part.block_id ||= blockId();
      for (const element of elementsOf(part)) {
        if (element.type !== 'image') element.action_id ||= blockId();
      }
    }
    return filled;
  });
}

function withTextDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTextDefaults);
  if (!isObject(value)) return value;
  if (value.type === 'plain_text') return { emoji: true, ...value };
  if (value.type === 'mrkdwn') return { verbatim: false, ...value };
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, withTextDefaults(entry)]));
}
