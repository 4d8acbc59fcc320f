import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { approveFrame } from '../../blocks/approve-modal.ts';
import { decodeDecideValue, type ReadingPlace } from '../../blocks/decide-value.ts';
import { adoptCopy } from '../adopt-copy.ts';
import type { ListenerDeps } from '../deps.ts';
import { loadApproval } from '../load-approval.ts';
import { clickOf } from '../payload.ts';
import { tellPrivately } from '../private-answer.ts';
import { showModal } from '../show-modal.ts';

/** Asks for which group the approval counts, or whether it is forced; nothing is decided before that is submitted. */
export function approveAs(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  return async ({ ack, body, client, respond }) => {
    const { value, identity, triggerId, channel, ts } = clickOf(body);
    const shown = decodeDecideValue(value);
    await ack();
    if (!shown) return tellPrivately(respond, 'hoop cannot read this button any more.', deps.log);
    const place: ReadingPlace = { ...shown, page: 1, choosing: true, digest: '' };
    const opening = { client, respond, triggerId, button: '“Approve as…”' };
    await showModal(deps, opening, approveFrame(place), () => loadApproval(deps, identity, place));
    await adoptCopy(deps, { sessionId: shown.sessionId, channel, ts }, respond);
  };
}
