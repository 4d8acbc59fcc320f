import { Anchor } from '@mantine/core';
import { Link } from 'wouter';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { formatDuration } from '#shared/duration-text.ts';
import { isGranted } from '#shared/session-states.ts';
import { Fact } from '../ui/facts.tsx';
import { When } from '../ui/when.tsx';
import { pages } from '../util/paths.ts';

/** For how long a grant was asked and until when it lasts; of what belongs to another one, which that is. */
export function GrantFacts({ session }: { session: SessionDetail }) {
  const { kind, state, duration, activeUntil, grant } = session;
  return (
    <>
      {activeUntil !== null && isGranted(state) && (
        <Fact name="Active until">
          <When at={activeUntil} exact />
        </Fact>
      )}
      {duration !== null && <Fact name="Duration">{formatDuration(duration) + shortenedText(session)}</Fact>}
      {grant !== null && (
        <Fact name={kind === 'connect' ? 'Extends' : 'Runs under'}>
          <Anchor component={Link} href={pages.session(grant)} inherit>
            {`the grant ${grant.slice(0, 8)}`}
          </Anchor>
        </Fact>
      )}
    </>
  );
}

/** Where reviewers allow less than was asked for: the least holds. */
function shortenedText({ decisions, digest, duration }: SessionDetail): string {
  const counting = decisions.filter((decision) => decision.verdict === 'approve' && decision.digest === digest);
  const least = Math.min(...counting.map((decision) => decision.duration ?? Infinity));
  return least < (duration ?? 0) ? `, shortened to ${formatDuration(least)} by a reviewer` : '';
}
