import { Alert, Button, List, Stack, Text } from '@mantine/core';
import { Mono } from '../../ui/visible-text.tsx';
import { fieldLabels, valueText } from '../../util/connection-form.ts';
import type { ConnectionEditor } from '../../util/use-connection-editor.ts';

/** Somebody else changed what is being edited: what, and how to go on without losing either. */
export function ConflictNotice({ editor: { conflicts, goOn } }: { editor: ConnectionEditor }) {
  if (conflicts === null) return null;
  return (
    <Alert color="orange" role="alert" title="Somebody changed this connection while you edit it">
      <Stack gap="xs" align="flex-start">
        <List size="sm">
          {conflicts.map(({ field, before, now, mine }) => (
            <List.Item key={field}>
              {`${fieldLabels[field]}: `}
              <Mono>{valueText(before)}</Mono> became <Mono>{valueText(now)}</Mono>
              {mine && '; you changed it too, and yours would take its place'}
            </List.Item>
          ))}
          {conflicts.length === 0 && <List.Item>Its variables, or its channels in Slack</List.Item>}
        </List>
        <Text size="sm">
          Your changes are not saved yet. Take over what changed, and look at the form before you save.
        </Text>
        <Button variant="default" size="xs" onClick={goOn}>
          Take it over and keep my changes
        </Button>
      </Stack>
    </Alert>
  );
}
