/** The modal that asks why: opened at once while its trigger lives, filled when hoop knows that the person may. */
import type { types } from '@slack/bolt';
import { limits } from '#shared/api-paths.ts';
import type { SlackSessionView } from '#shared/slack-view.ts';
import { encodeDecideValue, reasonInput, rejectCallback, type DecideValue } from './decide-value.ts';
import { personText } from './phrases.ts';
import { bold, clean, cut, line, plainText, richText, short, words } from './text.ts';

const base = (value: DecideValue) => ({
  type: 'modal' as const,
  callback_id: rejectCallback,
  private_metadata: encodeDecideValue(value),
  title: plainText('Reject', 24),
});

/** A modal that only says something. */
export function noticeModal(value: DecideValue, text: string): types.ModalView {
  return {
    ...base(value),
    close: plainText('Close', 24),
    blocks: [richText(line(words(cut(clean(text), 1500).text)))],
  };
}

export const loadingModal = (value: DecideValue): types.ModalView => noticeModal(value, 'One moment…');

export function rejectModal(value: DecideValue, view: SlackSessionView): types.ModalView {
  return {
    ...base(value),
    submit: plainText('Reject', 24),
    close: plainText('Back', 24),
    blocks: [
      richText(
        line(bold('Who: '), words(personText(view.requester))),
        line(bold('Where: '), words(short(view.connection, 100))),
      ),
      {
        type: 'input',
        block_id: reasonInput,
        label: plainText('Why do you reject it?', 48),
        hint: plainText('Who asked is told, and so is everybody in the channel.', 150),
        element: {
          type: 'plain_text_input',
          action_id: reasonInput,
          multiline: true,
          min_length: 1,
          max_length: limits.reasonLength,
          focus_on_load: true,
        },
      },
    ],
  };
}
