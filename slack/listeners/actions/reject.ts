import type { BlockAction, Middleware, SlackActionMiddlewareArgs } from '@slack/bolt';
import { loadSlackView } from '#core/load-slack-view.ts';
import { resolveSlackUser } from '#core/resolve-slack-user.ts';
import { checkMayReject, shownEnvelope } from '#core/slack-decision.ts';
import { decodeDecideValue } from '../../blocks/decide-value.ts';
import { rejectFrame, rejectModal } from '../../blocks/reject-modal.ts';
import { adoptCopy } from '../adopt-copy.ts';
import type { ListenerDeps } from '../deps.ts';
import { clickOf } from '../payload.ts';
import { tellPrivately } from '../private-answer.ts';
import { showModal } from '../show-modal.ts';

/** Asks why. Those who may not reject are told so instead. */
export function reject(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction>> {
  const { core, log, homeTeamId } = deps;
  return async ({ ack, body, client, respond }) => {
    const { value, identity, triggerId, channel, ts } = clickOf(body);
    const shown = decodeDecideValue(value);
    await ack();
    if (!shown) return tellPrivately(respond, 'hoop cannot read this button any more.', log);
    const { sessionId, envelopeVersion } = shown;
    await showModal(deps, { client, respond, triggerId, button: 'Reject' }, rejectFrame(shown), async () => {
      const user = await resolveSlackUser(core, identity, homeTeamId);
      const { digest } = await shownEnvelope(core.db, sessionId, envelopeVersion);
      await checkMayReject(core, user, sessionId, digest);
      return rejectModal(shown, await loadSlackView(core.db, core.publicUrl, sessionId));
    });
    await adoptCopy(deps, { sessionId, channel, ts }, respond);
  };
}
