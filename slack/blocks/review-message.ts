/**
 * The message in a connection's channel: everything a reviewer approves, where the review stands, and the buttons.
 * Bounded by design to Slack's limits: 50 blocks, and about 13,000 characters of text in all.
 */
import type { types } from '@slack/bolt';
import type { SlackDecision, SlackSessionView } from '#shared/slack-view.ts';
import { actionIds, blockIds, encodeDecideValue } from './decide-value.ts';
import { envelopeParts, shownReason } from './envelope-parts.ts';
import { aRequest, grantLines } from './grant-words.ts';
import { changeText, decisionText, missingText, personText, stateParts, stateText, windowLines } from './phrases.ts';
import { readingPages } from './reading-pages.ts';
import {
  bold,
  bullets,
  clean,
  cleanLine,
  cut,
  line,
  plainName,
  plainText,
  richText,
  short,
  when,
  words,
  type Block,
  type Message,
} from './text.ts';

/** Characters each part may take; with those of the envelope they stay below what Slack takes in one message. */
const room = { groups: 2300, decisions: 1500 };
const groupName = 100;
/** Longer names are cut; with 60 groups each still has a line of its own. */
const shortGroupName = 25;

export function reviewMessage(view: SlackSessionView): Message {
  const { parts, whole } = envelopeParts(view);
  const open = view.state === 'pending';
  const title = `Review of ${aRequest(view)}`;
  const blocks: Block[] = [
    { type: 'header', text: plainText(`${title} on ${cleanLine(view.connection)}`, 150) },
    richText(...facts(view), ...progress(view)),
    richText(...parts),
    ...decided(view.decisions),
    ...(open ? [] : [outcome(view)]),
    open ? decideButtons(view, whole) : { type: 'actions', block_id: blockIds.decide, elements: [openButton(view)] },
  ];
  return { text: `${title} on ${plainName(view.connection, 'a connection')}: ${stateText(view)}`, blocks };
}

function facts(view: SlackSessionView): types.RichTextSection[] {
  const reason = shownReason(view.reason).text;
  const lines = [
    line(bold('Who: '), words(personText(view.requester))),
    ...grantLines(view),
    line(bold('Where: '), words(`${short(view.connection, 100)} (agent ${short(view.agent.name, 100)})`)),
    line(bold('Why: '), words(reason === '' ? 'no reason given' : reason)),
  ];
  lines.push(...windowLines(view));
  if (view.state === 'pending') lines.push(line(bold('Until: '), when(view.expiresAt)));
  const change = changeText(view);
  if (change !== null) lines.push(line(bold(change)));
  if (view.endedAt === null && !view.agent.online) {
    const what = view.grant === null ? 'an approved command waits' : 'commands under the grant wait';
    lines.push(line(words(`The agent is offline at the moment; ${what} for it.`)));
  }
  return lines;
}

/** "1 of 2", and each group with how far it is. */
function progress(view: SlackSessionView): types.RichTextBlockElement[] {
  const { groups } = view;
  if (groups.length === 0) return [];
  const met = groups.filter((group) => group.met).length;
  const people = view.approvalsNeeded > 1 ? `, ${view.approvals} of ${view.approvalsNeeded} people` : '';
  const distinct = view.distinctReviewers && groups.length > 1 ? ', each by a different person' : '';
  const heading = `${met} of ${groups.length} ${groups.length === 1 ? 'group' : 'groups'}${people}${distinct}`;
  const forced = view.forced ? ' (approval was forced)' : '';
  const names = groups.reduce((sum, { group }) => sum + Math.min(group.length, groupName) + 16, 0);
  const longest = names > room.groups ? shortGroupName : groupName;
  const items: types.RichTextSection[] = [];
  let left = room.groups;
  const open = view.endedAt === null ? 'waiting' : 'not approved';
  for (const { group, met: done } of groups) {
    const text = `${done ? '✓' : '○'} ${short(group, longest)}: ${done ? 'approved' : open}`;
    left -= text.length;
    if (left < 0) break;
    items.push(line(words(text)));
  }
  const missing = groups.length - items.length;
  if (missing > 0) items.push(line(words(`and ${missing} more, listed in hoop`)));
  const lacks = missingText(view);
  return [
    line(bold('Approved by: '), words(heading + forced)),
    bullets(items),
    ...(lacks === null ? [] : [line(bold('Still missing: '), words(lacks))]),
  ];
}

/** Who decided, when and why, the last ones where they are too many. */
function decided(decisions: SlackDecision[]): Block[] {
  const lines: types.RichTextSection[] = [];
  let left = room.decisions;
  for (const decision of decisions.toReversed()) {
    const who = decisionText(decision);
    const reason = cut(clean(decision.reason).trim(), 600).text;
    left -= who.length + reason.length + 25;
    if (left < 0) break;
    lines.unshift(line(words(`${who}, `), when(decision.at), words(reason === '' ? '' : `: ${reason}`)));
  }
  return lines.length === 0 ? [] : [richText(bullets(lines))];
}

function outcome(view: SlackSessionView): Block {
  return richText(line(...stateParts(view)));
}

/** Approve counts at once when the message shows all there is; else it opens the rest, where Slack can show it. */
function decideButtons(view: SlackSessionView, whole: boolean): types.ActionsBlock {
  const value = encodeDecideValue({ sessionId: view.id, envelopeVersion: view.envelopeVersion });
  const button = (actionId: string, text: string): types.Button => ({
    type: 'button',
    action_id: actionId,
    text: plainText(text, 75),
    value,
  });
  const reject: types.Button = { ...button(actionIds.reject, 'Reject'), style: 'danger' };
  if (!whole && readingPages(view) === null) {
    const read = linkButton(view, actionIds.readInFull, 'Read it in full in hoop to approve');
    return { type: 'actions', block_id: blockIds.decide, elements: [{ ...read, style: 'primary' }, reject] };
  }
  const approve: types.Button = {
    ...button(actionIds.approve, whole ? 'Approve' : 'Read in full and approve…'),
    style: 'primary',
  };
  const hasChoice = view.grant !== null || view.groups.length > 1 || view.forceApproveGroups.length > 0;
  return {
    type: 'actions',
    block_id: whole ? blockIds.decide : blockIds.decideInFull,
    elements: [approve, ...(hasChoice ? [button(actionIds.approveAs, 'Approve as…')] : []), reject, openButton(view)],
  };
}

const openButton = (view: SlackSessionView): types.Button => linkButton(view, actionIds.open, 'Open in hoop');

function linkButton(view: SlackSessionView, actionId: string, text: string): types.Button {
  return { type: 'button', action_id: actionId, text: plainText(text, 75), url: view.url };
}
