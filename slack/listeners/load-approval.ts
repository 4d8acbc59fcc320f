/** What the modal before an approval shows a person, from the rows as they are. */
import type { types } from '@slack/bolt';
import { HoopError } from '#shared/errors.ts';
import { loadSlackView } from '#core/load-slack-view.ts';
import { noteSeenIn } from '#core/note-seen.ts';
import { resolveSlackUser, type SlackIdentity } from '#core/resolve-slack-user.ts';
import { approveChoices, shownEnvelope } from '#core/slack-decision.ts';
import { approveFrame, approveModal } from '../blocks/approve-modal.ts';
import { hasChoice } from '../blocks/choice-blocks.ts';
import type { ReadingPlace } from '../blocks/decide-value.ts';
import { fitsInMessage } from '../blocks/envelope-parts.ts';
import { noticeModal } from '../blocks/modal.ts';
import { readingPages } from '../blocks/reading-pages.ts';
import type { ListenerDeps } from './deps.ts';

/** Throws `HoopError` for those who may not approve, or not now. */
export async function loadApproval(
  { core, homeTeamId }: ListenerDeps,
  identity: SlackIdentity,
  place: ReadingPlace,
): Promise<types.ModalView> {
  const { sessionId, envelopeVersion, choosing } = place;
  const user = await resolveSlackUser(core, identity, homeTeamId);
  const { digest, text } = await shownEnvelope(core.db, sessionId, envelopeVersion);
  if (place.digest !== '' && place.digest !== digest) {
    throw new HoopError('review_outdated', 'The request changed since you were shown it; look at it again.');
  }
  const { groups, mayForce } = await approveChoices(core, user, sessionId, digest);
  const view = await loadSlackView(core.db, core.publicUrl, sessionId);
  const choices = { groups, mayForce, askedSeconds: view.durationSeconds };
  const pages = fitsInMessage(text) ? [] : readingPages(text);
  if (!pages) {
    return noticeModal(
      approveFrame(place),
      'This request was not yet shown to you in full, and Slack cannot show all of it, so nothing is decided yet. ' +
        'Read and approve it in hoop.',
      view.url,
    );
  }
  if (choosing && !hasChoice(choices)) {
    return noticeModal(
      approveFrame(place),
      `You review this request for ${groups[0] ?? 'no group'} only and are in no group that may force it: ` +
        'there is nothing to choose, so use Approve.',
    );
  }
  if (!choosing && groups.length === 0) {
    throw new HoopError('review_not_eligible', 'You are in none of the groups that are asked; use “Approve as…”.');
  }
  await noteSeenIn(core, sessionId, user, 'slack');
  const page = Math.min(Math.max(place.page, Math.min(1, pages.length)), pages.length);
  return approveModal({ ...place, page, digest }, view, pages, choosing ? choices : null);
}
