import type { App } from '@slack/bolt';
import { actionIds, approveCallback, rejectCallback } from '../blocks/decide-value.ts';
import { approve } from './actions/approve.ts';
import { approveAs } from './actions/approve-as.ts';
import { followLink } from './actions/follow-link.ts';
import { reject } from './actions/reject.ts';
import { turnPage } from './actions/turn-page.ts';
import { hoopCommand } from './commands/hoop.ts';
import type { ListenerDeps } from './deps.ts';
import { appMention } from './events/app-mention.ts';
import { approveInFull } from './views/approve-in-full.ts';
import { rejectReason } from './views/reject-reason.ts';

export function registerListeners(app: App, deps: ListenerDeps): void {
  app.action({ type: 'block_actions', action_id: actionIds.approve }, approve(deps));
  app.action({ type: 'block_actions', action_id: actionIds.approveAs }, approveAs(deps));
  app.action({ type: 'block_actions', action_id: actionIds.nextPage }, turnPage(deps, 1));
  app.action({ type: 'block_actions', action_id: actionIds.previousPage }, turnPage(deps, -1));
  app.action({ type: 'block_actions', action_id: actionIds.reject }, reject(deps));
  app.action({ type: 'block_actions', action_id: actionIds.open }, followLink());
  app.action({ type: 'block_actions', action_id: actionIds.readInFull }, followLink());
  app.view({ type: 'view_submission', callback_id: approveCallback }, approveInFull(deps));
  app.view({ type: 'view_submission', callback_id: rejectCallback }, rejectReason(deps));
  app.command('/hoop', hoopCommand(deps));
  app.event('app_mention', appMention(deps));
}
