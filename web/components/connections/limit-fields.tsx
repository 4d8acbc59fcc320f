import { TextInput } from '@mantine/core';
import { Section } from '../../ui/section.tsx';
import { fieldLabels, type ConnectionForm } from '../../util/connection-form.ts';
import type { ConnectionEditor } from '../../util/use-connection-editor.ts';
import { PairRows } from './pair-rows.tsx';
import classes from './connections.module.css';

type TextField = 'maxRuntime' | 'maxDuration' | 'idle' | 'maxOutput' | 'maxInput' | 'maxRuns' | 'keep';

const limits: readonly { field: TextField; description: string; ofConnect?: true }[] = [
  { field: 'maxRuntime', description: 'As in 10m; 0s: no limit.' },
  { field: 'maxRuns', description: 'Others wait for their turn; 0: no limit.' },
  { field: 'maxOutput', description: 'As in 100MB; what goes over is ended.' },
  { field: 'maxInput', description: 'As in 64k; 8MiB at most.' },
  { field: 'maxDuration', description: 'Of hoop connect: from 1m to 2d.', ofConnect: true },
  { field: 'idle', description: 'Of hoop connect; 0s: never.', ofConnect: true },
  { field: 'keep', description: 'Whole days, as in 90d; 0s: for ever.' },
];

export function LimitFields({ editor }: { editor: ConnectionEditor }) {
  const { form, set, errors } = editor;
  const shown = limits.filter(({ ofConnect }) => !ofConnect || form.accessModes.includes('connect'));
  return (
    <Section title="Limits and tags">
      <div className={classes.fields}>
        {shown.map(({ field, description }) => (
          <TextInput
            key={field}
            label={fieldLabels[field]}
            description={description}
            value={form[field]}
            error={errors[field]}
            onChange={({ currentTarget }) => set({ [field]: currentTarget.value } as Partial<ConnectionForm>)}
            spellCheck={false}
          />
        ))}
      </div>
      <PairRows
        label={fieldLabels.tags}
        description="To find connections by, such as env and prod."
        one="tag"
        values={form.tags}
        onChange={(tags) => set({ tags })}
        error={errors.tags}
      />
    </Section>
  );
}
