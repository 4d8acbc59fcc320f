import { Anchor, Checkbox, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { Section } from '../../ui/section.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { fieldLabels } from '../../util/connection-form.ts';
import { pages } from '../../util/paths.ts';
import type { ConnectionEditor } from '../../util/use-connection-editor.ts';

/** Whether reviewers are asked in Slack; in which channels is set on the page of Slack's settings. */
export function SlackField({ editor, view }: { editor: ConnectionEditor; view: ConnectionView | null }) {
  const { form, set, errors } = editor;
  const channels = view?.plugins.find(({ name }) => name === 'slack')?.channels ?? [];
  return (
    <Section title="Slack">
      <Checkbox
        label={fieldLabels.slack}
        description={channels.length > 0 ? 'Without it the connection forgets its channels.' : undefined}
        checked={form.slack}
        error={errors.slack}
        onChange={({ currentTarget }) => set({ slack: currentTarget.checked })}
      />
      <Text size="sm">
        {channels.length > 0 && (
          <>
            They are asked in <VisibleText>{channels.join(', ')}</VisibleText>.{' '}
          </>
        )}
        <Anchor component={Link} href={pages.slackSettings}>
          Channels of all connections
        </Anchor>
      </Text>
    </Section>
  );
}
