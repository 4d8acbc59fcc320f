import type { types } from '@slack/bolt';
import { limits } from '#shared/api-paths.ts';
import { reasonInput } from './decide-value.ts';
import { plainText } from './text.ts';

/** Where somebody says why. */
export function reasonBlock(asked: { label: string; hint: string; optional: boolean }): types.InputBlock {
  return {
    type: 'input',
    block_id: reasonInput,
    optional: asked.optional,
    label: plainText(asked.label, 48),
    hint: plainText(asked.hint, 150),
    element: {
      type: 'plain_text_input',
      action_id: reasonInput,
      multiline: true,
      max_length: limits.reasonLength,
      ...(!asked.optional && { min_length: 1, focus_on_load: true }),
    },
  };
}
