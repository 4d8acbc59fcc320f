import { askingProblems } from '#shared/asking-text.ts';
import { Group, List, Stack, Text } from '@mantine/core';
import type { Ref } from 'react';
import type { SessionDetail } from '#shared/api-schemas.ts';
import { policySentence } from '#shared/policy-sentence.ts';
import { Section } from '../ui/section.tsx';
import { VisibleText } from '../ui/visible-text.tsx';
import type { DialogAction } from './decision-dialog.tsx';
import { DecisionBar } from './decision-bar.tsx';

interface Props {
  session: SessionDetail;
  onAction: (action: DialogAction) => void;
  buttons: Ref<HTMLDivElement>;
}

/** Who is asked and how far each group is, with what the person may do about it. */
export function ReviewCard({ session, onAction, buttons }: Props) {
  const { groups, approvals, approvalsNeeded, askedIn, forced } = session.review;
  const { groups: reviewers, ...rules } = session.policy;
  const sentence = policySentence({ reviewers, ...rules });
  return (
    <Section title="Review">
      {groups.length === 0 ? (
        <Text size="sm">
          {session.kind === 'exec' && session.grant !== null
            ? 'Its grant was reviewed; commands under it need no review of their own.'
            : 'This connection asks for no review.'}
        </Text>
      ) : (
        <Stack gap={6}>
          <Text size="sm">
            <VisibleText>{sentence}</VisibleText>
          </Text>
          <Text size="sm" fw={600}>
            {`${groups.filter(({ met }) => met).length} of ${groups.length} ${groups.length === 1 ? 'group has' : 'groups have'} approved`}
            {approvalsNeeded > 1 && `, ${approvals} of ${approvalsNeeded} people`}
            {forced && '; the approval was forced'}.
          </Text>
          <List listStyleType="none" spacing={4} size="sm" aria-label="Groups">
            {groups.map(({ group, met, approvedBy }) => (
              <List.Item key={group}>
                <Group gap={8} wrap="nowrap" align="flex-start">
                  <Text span inherit aria-hidden c={met ? 'var(--hoop-good)' : 'dimmed'}>
                    {met ? '✓' : '○'}
                  </Text>
                  <span>
                    <strong>
                      <VisibleText>{group}</VisibleText>
                    </strong>
                    {met ? ', approved by ' : session.state === 'pending' ? ', still asked' : ', did not approve'}
                    {met && <VisibleText>{approvedBy.join(', ')}</VisibleText>}
                    {session.myGroups.includes(group) && ' (one of yours)'}
                  </span>
                </Group>
              </List.Item>
            ))}
          </List>
          {askedIn.length > 0 && (
            <Text size="sm" c="dimmed">
              Asked in <VisibleText>{askedIn.join(', ')}</VisibleText>
            </Text>
          )}
          {askingProblems(session.review.asked ?? [], session.url).map((problem) => (
            <Text key={problem} size="sm">
              <VisibleText>{problem}</VisibleText>
            </Text>
          ))}
        </Stack>
      )}
      <DecisionBar session={session} onAction={onAction} ref={buttons} />
    </Section>
  );
}
