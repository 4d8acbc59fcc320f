import { Anchor } from '@mantine/core';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { Fact, Facts } from '../ui/facts.tsx';
import { Section } from '../ui/section.tsx';
import { Mono } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';

/** What one needs to find the session elsewhere. */
export function DetailsCard({ session }: { session: SessionDetail }) {
  const { workflowUrl, correlationId } = session;
  return (
    <Section title="Details">
      <Facts>
        <Fact name="Session">
          <Mono>{session.id}</Mono>
        </Fact>
        <Fact name="Created">
          <When at={session.createdAt} exact />
        </Fact>
        {session.startedAt && (
          <Fact name="Started">
            <When at={session.startedAt} exact />
          </Fact>
        )}
        {correlationId !== null && (
          <Fact name="Correlation id">
            <Mono>{correlationId}</Mono>
          </Fact>
        )}
        <Fact name="Request version">{session.envelopeVersion}</Fact>
        <Fact name="Digest">
          <Mono>{session.digest}</Mono>
        </Fact>
        {workflowUrl !== null && /^https?:\/\//.test(workflowUrl) && (
          <Fact name="Workflow">
            <Anchor href={workflowUrl} target="_blank" rel="noreferrer" inherit>
              Show it in Temporal
            </Anchor>
          </Fact>
        )}
      </Facts>
    </Section>
  );
}
