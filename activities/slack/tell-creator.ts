/** What who asked is told in private, and whoever approved what the request is not any more. */
import {
  directMessageSettled,
  listEarlierApprovers,
  type DirectMessageKey,
  type PersonToTell,
} from '#db/slack-direct-messages.ts';
import type { Queryable } from '#db/pool.ts';
import type { SessionRow } from '#db/sessions.ts';
import { findSlackIdentity } from '#db/users.ts';
import { loadSlackView } from '#core/load-slack-view.ts';
import { approvalLapsedMessage } from '#slack/blocks/changed-message.ts';
import { directMessage } from '#slack/blocks/direct-message.ts';
import type { CreatorEvent } from '../types.ts';
import type { SlackActivityDeps } from './deps.ts';
import { deliver } from './direct-delivery.ts';
import type { PacedSlack } from './paced-slack.ts';

/** Who asked, where that person has a Slack id and was not told yet. */
export async function creatorToTell(
  db: Queryable,
  session: SessionRow,
  event: CreatorEvent,
): Promise<PersonToTell | undefined> {
  const identity = await findSlackIdentity(db, session.requesterId);
  if (!identity) return undefined;
  const settled = await directMessageSettled(db, keyOf(session, session.requesterId, event));
  return settled ? undefined : { userId: session.requesterId, ...identity };
}

export async function tellCreator(
  deps: SlackActivityDeps,
  slack: PacedSlack,
  session: SessionRow,
  event: CreatorEvent,
): Promise<void> {
  const creator = await creatorToTell(deps.db, session, event);
  if (!creator || isElsewhere(creator, slack)) return;
  const key = keyOf(session, creator.userId, event);
  const message = directMessage(event, await loadSlackView(deps.db, deps.publicUrl, session.id));
  await deliver(deps, slack, 'creators', key, creator, message);
}

/** Those whose approval was of what the request is not any more, and who were not told yet. */
export async function approversToTell(db: Queryable, session: SessionRow): Promise<PersonToTell[]> {
  if (session.state !== 'pending') return [];
  const untold: PersonToTell[] = [];
  for (const person of await listEarlierApprovers(db, session.id, session.digest)) {
    if (!(await directMessageSettled(db, keyOf(session, person.userId, 'changed')))) untold.push(person);
  }
  return untold;
}

export async function tellApprovers(deps: SlackActivityDeps, slack: PacedSlack, session: SessionRow): Promise<void> {
  const people = (await approversToTell(deps.db, session)).filter((person) => !isElsewhere(person, slack));
  const view = people.length > 0 ? await loadSlackView(deps.db, deps.publicUrl, session.id) : undefined;
  if (view?.state !== 'pending') return;
  for (const person of people) {
    const key = keyOf(session, person.userId, 'changed');
    await deliver(deps, slack, 'reviewers', key, person, approvalLapsedMessage(view));
  }
}

const keyOf = (session: SessionRow, userId: string, event: CreatorEvent): DirectMessageKey => ({
  sessionId: session.id,
  ...{ userId, event, envelopeVersion: session.envelopeVersion },
});

/** Of another workspace than the tokens. */
const isElsewhere = ({ teamId }: PersonToTell, slack: PacedSlack): boolean =>
  teamId !== null && slack.teamId !== '' && teamId !== slack.teamId;
