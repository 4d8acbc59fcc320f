import { SlackError } from '../errors.ts';
import type { Block, Json } from '../model.ts';
import { isObject } from './rules.ts';
import { messageBlocks } from './validate.ts';

const ATTACHMENTS = 100;

/** Secondary attachments with their ids filled in. @throws SlackError invalid_attachments, too_many_attachments, invalid_blocks */
export function messageAttachments(value: unknown): Json[] {
  if (!Array.isArray(value) || !value.every(isObject)) throw new SlackError('invalid_attachments');
  if (value.length > ATTACHMENTS) throw new SlackError('too_many_attachments');
  return value.map((entry, index) => ({
    id: index + 1,
    fallback: '[no preview available]',
    ...entry,
    ...(entry.blocks === undefined ? {} : { blocks: messageBlocks(entry.blocks, `/attachments/${index}/blocks`) }),
  }));
}

/** Blocks of a message with those of its attachments. */
export function allBlocks({ blocks = [], attachments = [] }: { blocks?: Block[]; attachments?: Json[] }): Block[] {
  return [...blocks, ...attachments.flatMap((entry) => (entry.blocks as Block[] | undefined) ?? [])];
}
