import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { signalOrLeaveToSweep } from '#core/decide-review.ts';
import { approveFrame, notYetShown } from '../../blocks/approve-modal.ts';
import { blockIds, decodeDecideValue, type ReadingPlace } from '../../blocks/decide-value.ts';
import { fitsInMessage } from '../../blocks/envelope-parts.ts';
import { adoptCopy } from '../adopt-copy.ts';
import { decideWithin } from '../decide-within.ts';
import type { ListenerDeps } from '../deps.ts';
import { loadApproval } from '../load-approval.ts';
import { clickOf } from '../payload.ts';
import { tellPrivately } from '../private-answer.ts';
import { showModal } from '../show-modal.ts';

/**
 * Commit, acknowledge, signal: in this order, so that a click that was acknowledged is never lost. What the message
 * does not show in full is opened first, whatever button was clicked: the rows say, not the button.
 */
export function approve(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  const { core, log } = deps;
  return async ({ ack, body, client, respond }) => {
    const click = clickOf(body);
    const shown = decodeDecideValue(click.value);
    if (!shown) {
      await ack();
      return tellPrivately(respond, 'hoop cannot read this button any more.', log);
    }
    const { identity, triggerId } = click;
    const read = () => {
      const place: ReadingPlace = { ...shown, page: 1, choosing: false, digest: '' };
      const load = () => loadApproval(deps, identity, place);
      return showModal(deps, { client, respond, triggerId, button: 'Approve' }, approveFrame(place), load);
    };
    if (click.blockId === blockIds.decideInFull) {
      await Promise.all([ack(), read()]);
    } else {
      const request = { identity, shown, verdict: 'approve', wasShown: fitsInMessage } as const;
      const answer = await decideWithin(deps, request);
      await ack();
      if (answer.kind === 'decided') await signalOrLeaveToSweep(core, answer.decided.decision);
      if (answer.kind === 'refused') await tellPrivately(respond, answer.error.message, log);
      if (answer.kind === 'late') await tellPrivately(respond, await answer.truth, log);
      if (answer.kind === 'not_shown') await Promise.all([read(), tellPrivately(respond, notYetShown, log)]);
    }
    await adoptCopy(deps, { sessionId: shown.sessionId, channel: click.channel, ts: click.ts }, respond);
  };
}
