import type { SlackLinkView } from '#shared/slack-link-schemas.ts';
import { Fact, Facts } from '../ui/facts.tsx';
import { Section } from '../ui/section.tsx';
import { Mono, VisibleText } from '../ui/visible-text.tsx';

/** Which Slack account a link is about; names can be anybody's, the id is what counts. */
export function SlackLinkFacts({ link: { slack, email } }: { link: SlackLinkView }) {
  return (
    <Section title="Who is who">
      <Facts>
        <Fact name="Slack account">
          <strong>
            @<VisibleText>{slack.name}</VisibleText>
          </strong>{' '}
          <Mono>{slack.id}</Mono>
        </Fact>
        <Fact name="Workspace">
          <VisibleText>{slack.team}</VisibleText>
        </Fact>
        <Fact name="In hoop">
          <strong>
            <VisibleText>{email}</VisibleText>
          </strong>
        </Fact>
      </Facts>
    </Section>
  );
}
