/** The modal that asks why: filled when hoop knows that the person may. */
import type { types } from '@slack/bolt';
import type { SlackSessionView } from '#shared/slack-view.ts';
import { encodeDecideValue, rejectCallback, type DecideValue } from './decide-value.ts';
import { grantLines } from './grant-words.ts';
import { framed, type ModalFrame } from './modal.ts';
import { personText } from './phrases.ts';
import { reasonBlock } from './reason-block.ts';
import { bold, line, plainText, richText, short, words } from './text.ts';

export const rejectFrame = (value: DecideValue): ModalFrame => ({
  title: 'Reject',
  callbackId: rejectCallback,
  metadata: encodeDecideValue(value),
});

export function rejectModal(value: DecideValue, view: SlackSessionView): types.ModalView {
  return {
    ...framed(rejectFrame(value)),
    submit: plainText('Reject', 24),
    close: plainText('Back', 24),
    blocks: [
      richText(
        line(bold('Who: '), words(personText(view.requester))),
        ...grantLines(view),
        line(bold('Where: '), words(short(view.connection, 100))),
      ),
      reasonBlock({
        label: 'Why do you reject it?',
        hint: 'Who asked is told, and so is everybody in the channel.',
        optional: false,
      }),
    ],
  };
}
