import { Stack } from '@mantine/core';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { useConnectionEditor } from '../../util/use-connection-editor.ts';
import { CommandFields } from './command-fields.tsx';
import { ConflictNotice } from './conflict-notice.tsx';
import { EnvFields } from './env-fields.tsx';
import { LimitFields } from './limit-fields.tsx';
import { PolicyFields } from './policy-fields.tsx';
import { SaveBar } from './save-bar.tsx';
import { SlackField } from './slack-field.tsx';

interface Props {
  /** Null: a new one. */
  view: ConnectionView | null;
  onSaved: (saved: ConnectionView) => void;
}

/** Everything that an admin says of a connection; only what was changed is sent. */
export function ConnectionForm({ view, onSaved }: Props) {
  const editor = useConnectionEditor(view, onSaved);
  const isNew = view === null;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        editor.save();
      }}
    >
      <Stack gap="lg">
        <ConflictNotice editor={editor} />
        <CommandFields editor={editor} isNew={isNew} />
        <PolicyFields editor={editor} />
        <EnvFields editor={editor} names={view?.envNames ?? []} />
        <LimitFields editor={editor} />
        <SlackField editor={editor} view={view} />
        <SaveBar editor={editor} isNew={isNew} />
      </Stack>
    </form>
  );
}
