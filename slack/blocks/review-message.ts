/**
 * The message in a connection's channel: everything a reviewer approves, where the review stands, and the buttons.
 * Bounded by design to Slack's limits: 50 blocks, and about 13,000 characters of text in all.
 */
import type { types } from '@slack/bolt';
import type { SlackDecision, SlackSessionView } from '#shared/slack-view.ts';
import { actionIds, encodeDecideValue } from './decide-value.ts';
import { decisionText, personText, stateText } from './phrases.ts';
import {
  bold,
  bullets,
  clean,
  cleanLine,
  cut,
  line,
  plainName,
  plainText,
  preformatted,
  richText,
  short,
  when,
  words,
  type Block,
  type Message,
} from './text.ts';

const title = 'Review of a command';

/** Characters each part may take; together they stay below what Slack takes in one message. */
const room = { reason: 1200, command: 2000, script: 2600, envNames: 800, groups: 2300, decisions: 1500 };
const groupName = 100;
/** Longer names are cut; with 60 groups each still has a line of its own. */
const shortGroupName = 25;

export function reviewMessage(view: SlackSessionView): Message {
  const { parts, whole } = envelopeParts(view);
  const open = view.state === 'pending';
  const blocks: Block[] = [
    { type: 'header', text: plainText(`${title} on ${cleanLine(view.connection)}`, 150) },
    richText(...facts(view), ...progress(view)),
    richText(...parts),
    ...decided(view.decisions),
    ...(open ? [] : [outcome(view)]),
    { type: 'actions', block_id: 'decide', elements: open ? decideButtons(view, whole) : [openButton(view)] },
  ];
  return { text: `${title} on ${plainName(view.connection, 'a connection')}: ${stateText(view)}`, blocks };
}

function facts(view: SlackSessionView): types.RichTextSection[] {
  const reason = cut(clean(view.reason).trim(), room.reason).text;
  const lines = [
    line(bold('Who: '), words(personText(view.requester))),
    line(bold('Where: '), words(`${short(view.connection, 100)} (agent ${short(view.agent.name, 100)})`)),
    line(bold('Why: '), words(reason === '' ? 'no reason given' : reason)),
  ];
  if (view.state === 'pending') lines.push(line(bold('Until: '), when(view.expiresAt)));
  if (view.endedAt === null && !view.agent.online) {
    lines.push(line(words('The agent is offline at the moment; an approved command waits for it.')));
  }
  return lines;
}

/** "1 of 2", and each group with how far it is. */
function progress(view: SlackSessionView): types.RichTextBlockElement[] {
  const { groups } = view;
  if (groups.length === 0) return [];
  const met = groups.filter((group) => group.met).length;
  const people = view.approvalsNeeded > 1 ? `, ${view.approvals} of ${view.approvalsNeeded} people` : '';
  const heading = `${met} of ${groups.length} ${groups.length === 1 ? 'group' : 'groups'}${people}`;
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
  return [line(bold('Approved by: '), words(heading + forced)), bullets(items)];
}

/** Command, standard input and names of variables; `whole` when nothing of the envelope is missing from the message. */
function envelopeParts(view: SlackSessionView): { parts: types.RichTextBlockElement[]; whole: boolean } {
  const command = cut(clean([...view.command, ...view.args].map(quoted).join(' ')), room.command);
  const env = cut(cleanLine(view.envNames.join(', ')), room.envNames);
  const parts: types.RichTextBlockElement[] = [line(bold('Command')), preformatted(command.text)];
  if (!command.whole) parts.push(line(words('The command is cut here; hoop shows all of it.')));
  const script = scriptParts(view);
  parts.push(...script.parts);
  if (env.text !== '') parts.push(line(bold('Environment variables: '), words(env.text)));
  const reasonWhole = clean(view.reason).trim().length <= room.reason;
  return { parts, whole: command.whole && env.whole && script.whole && reasonWhole };
}

function scriptParts(view: SlackSessionView): { parts: types.RichTextBlockElement[]; whole: boolean } {
  if (view.scriptBytes === 0) return { parts: [], whole: true };
  const heading = line(bold('Standard input'), words(` (${view.scriptBytes} bytes)`));
  if (view.script === null) {
    return { parts: [heading, line(words('It is no text; hoop shows its bytes.'))], whole: false };
  }
  const script = cut(clean(view.script), room.script);
  const parts: types.RichTextBlockElement[] = [heading, preformatted(script.text)];
  if (!script.whole) parts.push(line(words('The standard input is cut here; hoop shows all of it.')));
  return { parts, whole: script.whole };
}

/** As one would type it to a shell, so that arguments can be told apart. */
function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`;
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
  return richText(line(bold(stateText(view))));
}

function decideButtons(view: SlackSessionView, whole: boolean): types.ActionsBlockElement[] {
  const value = encodeDecideValue({ sessionId: view.id, envelopeVersion: view.envelopeVersion });
  const reject: types.Button = {
    type: 'button',
    action_id: actionIds.reject,
    text: plainText('Reject', 75),
    style: 'danger',
    value,
  };
  if (!whole) {
    return [{ ...linkButton(view, actionIds.readInFull, 'Read it in full to approve'), style: 'primary' }, reject];
  }
  const approve: types.Button = {
    type: 'button',
    action_id: actionIds.approve,
    text: plainText('Approve', 75),
    style: 'primary',
    value,
  };
  return [approve, reject, openButton(view)];
}

const openButton = (view: SlackSessionView): types.Button => linkButton(view, actionIds.open, 'Open in hoop');

function linkButton(view: SlackSessionView, actionId: string, text: string): types.Button {
  return { type: 'button', action_id: actionId, text: plainText(text, 75), url: view.url };
}
