import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { HoopError } from '#shared/errors.ts';
import { loadSlackView } from '#core/load-slack-view.ts';
import { resolveSlackUser } from '#core/resolve-slack-user.ts';
import { shownDigest, whyNotReject } from '#core/slack-decision.ts';
import { decodeDecideValue, type DecideValue } from '../../blocks/decide-value.ts';
import { loadingModal, noticeModal, rejectModal } from '../../blocks/reject-modal.ts';
import { adoptCopy } from '../adopt-copy.ts';
import type { ListenerDeps } from '../deps.ts';
import { clickOf, type Click } from '../payload.ts';
import { tellPrivately } from '../private-answer.ts';

/** Opens the modal before anything is looked up: what opens it lives for 3 s only. */
export function reject(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  const { log } = deps;
  return async ({ ack, body, client, respond }) => {
    const click = clickOf(body);
    const shown = decodeDecideValue(click.value);
    await ack();
    if (!shown) return tellPrivately(respond, 'hoop cannot read this button any more.', log);
    let viewId: string;
    try {
      const opened = await client.views.open({ trigger_id: click.triggerId, view: loadingModal(shown) });
      viewId = opened.view?.id ?? '';
    } catch (error) {
      log.warn({ sessionId: shown.sessionId, err: error }, 'modal not opened');
      return tellPrivately(respond, 'Slack did not open the form for the reason; please click Reject again.', log);
    }
    try {
      await client.views.update({ view_id: viewId, view: await modalFor(deps, click, shown) });
    } catch (error) {
      log.warn({ sessionId: shown.sessionId, err: error }, 'modal not filled');
      await tellPrivately(respond, 'The form for the reason could not be filled; please click Reject again.', log);
    }
    await adoptCopy(deps, { sessionId: shown.sessionId, channel: click.channel, ts: click.ts }, respond);
  };
}

async function modalFor({ core, homeTeamId, log }: ListenerDeps, click: Click, shown: DecideValue) {
  try {
    const user = await resolveSlackUser(core, click.identity, homeTeamId);
    const digest = await shownDigest(core.db, shown.sessionId, shown.envelopeVersion);
    const refusal = await whyNotReject(core, user, shown.sessionId, digest);
    if (refusal !== null) return noticeModal(shown, refusal);
    return rejectModal(shown, await loadSlackView(core.db, core.publicUrl, shown.sessionId));
  } catch (error) {
    if (error instanceof HoopError) return noticeModal(shown, error.message);
    log.warn({ sessionId: shown.sessionId, err: error }, 'request to reject not loaded');
    return noticeModal(shown, 'hoop has trouble with its database; please try again in a moment.');
  }
}
