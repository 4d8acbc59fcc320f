/**
 * The modal before an approval: the envelope in full, page by page, where the message does not show all of it, and the
 * choice of a group or of force where the person asked to choose. Only its last page can be submitted.
 */
import type { types } from '@slack/bolt';
import type { SlackSessionView } from '#shared/slack-view.ts';
import { choiceBlocks, type Choices } from './choice-blocks.ts';
import { actionIds, approveCallback, encodePlace, type ReadingPlace } from './decide-value.ts';
import { grantLines } from './grant-words.ts';
import { framed, type ModalFrame } from './modal.ts';
import { personText } from './phrases.ts';
import type { Piece } from './reading-pages.ts';
import { bold, line, plainText, preformatted, richText, short, words, type Block } from './text.ts';

export const approveFrame = (place: ReadingPlace): ModalFrame => ({
  title: place.choosing ? 'Approve as…' : 'Approve',
  callbackId: approveCallback,
  metadata: encodePlace(place),
});

export const notYetShown =
  'This request was not yet shown to you in full, so nothing is decided yet. Read it to its end to approve it.';

/** `pages`: none when the message shows all of it. `choices`: only where the person asked to choose. */
export function approveModal(
  place: ReadingPlace,
  view: SlackSessionView,
  pages: Piece[][],
  choices: Choices | null,
): types.ModalView {
  const isLast = place.page >= pages.length;
  return {
    ...framed(approveFrame(place)),
    ...(isLast && { submit: plainText('Approve', 24) }),
    close: plainText('Cancel', 24),
    blocks: [
      ...(place.page <= 1 ? [opening(view, pages.length > 0)] : []),
      ...(pages[place.page - 1] ?? []).map(pieceBlock),
      ...(pages.length > 0 ? [whereText(place.page, pages.length)] : []),
      ...(isLast && choices ? choiceBlocks(choices) : []),
      ...turning(place.page, pages.length),
    ],
  };
}

function opening(view: SlackSessionView, reading: boolean): Block {
  return richText(
    ...(reading ? [line(words(notYetShown))] : []),
    line(bold('Who: '), words(personText(view.requester))),
    ...grantLines(view),
    line(bold('Where: '), words(`${short(view.connection, 100)} (agent ${short(view.agent.name, 100)})`)),
  );
}

function pieceBlock({ heading, text, continues }: Piece): Block {
  return richText(
    ...(heading === null ? [] : [line(bold(heading))]),
    ...(continues ? [line(words('↳ the same line goes on'))] : []),
    preformatted(text),
  );
}

function whereText(page: number, pages: number): Block {
  const end = page === pages ? ', the end: Approve is for exactly this text.' : '; Approve is on the last one.';
  return richText(line(bold(`Page ${page} of ${pages}`), words(end)));
}

function turning(page: number, pages: number): Block[] {
  const button = (actionId: string, text: string): types.Button => ({
    type: 'button',
    action_id: actionId,
    text: plainText(text, 75),
  });
  const elements = [
    ...(page > 1 ? [button(actionIds.previousPage, 'Back')] : []),
    ...(page < pages ? [{ ...button(actionIds.nextPage, 'Next'), style: 'primary' as const }] : []),
  ];
  return elements.length === 0 ? [] : [{ type: 'actions', block_id: 'turn', elements }];
}
