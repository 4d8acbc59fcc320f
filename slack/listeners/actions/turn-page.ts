import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { approveFrame } from '../../blocks/approve-modal.ts';
import { decodePlace } from '../../blocks/decide-value.ts';
import type { ListenerDeps } from '../deps.ts';
import { loadApproval } from '../load-approval.ts';
import { identityOf } from '../payload.ts';
import { fillModal, loaded } from '../show-modal.ts';

/** Next and Back in the modal before an approval; where it is stands in the modal itself. */
export function turnPage(deps: ListenerDeps, by: 1 | -1): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  return async ({ ack, body, client }) => {
    await ack();
    const { view } = body;
    const from = decodePlace(view?.private_metadata);
    if (!view || !from) return;
    const place = { ...from, page: Math.max(1, from.page + by) };
    const turned = await loaded(deps, approveFrame(from), () => loadApproval(deps, identityOf(body), place));
    // a second click on the same page changes nothing: its hash is no longer the view's
    await fillModal(deps, client, { view_id: view.id, hash: view.hash }, turned);
  };
}
