/** What hoop's modals have in common, and those that only say something. */
import type { types } from '@slack/bolt';
import { clean, cut, line, link, plainText, richText, words } from './text.ts';

/** What stays the same in all that one modal shows, from loading on. */
export interface ModalFrame {
  title: string;
  callbackId: string;
  /** All that is known of it when it comes back. */
  metadata: string;
}

export const framed = ({ title, callbackId, metadata }: ModalFrame) => ({
  type: 'modal' as const,
  callback_id: callbackId,
  private_metadata: metadata,
  title: plainText(title, 24),
});

export function noticeModal(frame: ModalFrame, text: string, url?: string): types.ModalView {
  const shown = words(cut(clean(text), 1500).text);
  return {
    ...framed(frame),
    close: plainText('Close', 24),
    blocks: [richText(url === undefined ? line(shown) : line(shown, words(' '), link(url, 'Open in hoop')))],
  };
}

export const loadingModal = (frame: ModalFrame): types.ModalView => noticeModal(frame, 'One moment…');
