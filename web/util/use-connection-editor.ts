/** What an admin types of a connection, what the gateway says to it, and saving it. */
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ConnectionView } from '#shared/api-schemas.ts';
import type { ConnectionCheck } from '#shared/connection-check.ts';
import { ApiError, hasCode } from '../data/ask.ts';
import { connectionCheckQuery, connectionQuery, connectionSaved, saveConnection } from '../data/connections.ts';
import {
  changedFields,
  changeOf,
  emptyForm,
  formField,
  formOf,
  formProblems,
  isSame,
  rebased,
  refusalsOf,
  type ConnectionForm,
  type FormField,
} from './connection-form.ts';

/** Nobody is told what a new connection needs before they wrote or saved anything. */
const atFirstEmpty: FormField[] = ['name', 'agent', 'command'];
const settledMs = 300;

export type Errors = Partial<Record<FormField, string>>;

export interface Conflict {
  field: FormField;
  before: ConnectionForm[FormField];
  now: ConnectionForm[FormField];
  /** It was changed here too. */
  mine: boolean;
}

export interface ConnectionEditor {
  form: ConnectionForm;
  set: (fields: Partial<ConnectionForm>) => void;
  errors: Errors;
  /** Refusals that belong to no field of the form. */
  otherErrors: string[];
  check: ConnectionCheck | undefined;
  isChanged: boolean;
  reset: () => void;
  /** What somebody else changed since; null: nobody did. */
  conflicts: Conflict[] | null;
  /** Theirs, but for what was changed here. */
  goOn: () => void;
  save: () => void;
  isSaving: boolean;
  isSaved: boolean;
  failure: unknown;
}

/** `view`: the connection as it is now; null: a new one. */
export function useConnectionEditor(
  view: ConnectionView | null,
  onSaved: (saved: ConnectionView) => void,
): ConnectionEditor {
  const client = useQueryClient();
  const [base, setBase] = useState({ view, form: view ? formOf(view) : emptyForm });
  const [form, setForm] = useState(base.form);
  const [submitted, setSubmitted] = useState(false);
  const isNew = view === null;
  const isChanged = !isSame(base.form, form);

  const saving = useMutation({
    mutationFn: () =>
      saveConnection({
        ...changeOf(base.form, form, isNew),
        overwrite: !isNew,
        ...(base.view && { revision: base.view.revision }),
      }),
    onSuccess: (saved) => {
      connectionSaved(client, saved);
      restart(saved);
      onSaved(saved);
    },
    onError: (error) => {
      if (view && hasCode(error, 'connection_outdated')) {
        void client.invalidateQueries({ queryKey: connectionQuery(view.name).queryKey });
      }
      requestAnimationFrame(() => document.querySelector<HTMLElement>('main [aria-invalid="true"]')?.focus());
    },
  });
  const restart = (from: ConnectionView | null) => {
    const next = { view: from, form: from ? formOf(from) : emptyForm };
    setBase(next);
    setForm(next.form);
    setSubmitted(false);
  };
  // Somebody else's change: shown at once to who has typed nothing, asked about otherwise.
  const isBehind = view !== null && base.view !== null && view.revision > base.view.revision;
  if (isBehind && !isChanged) restart(view);

  const problems = useMemo(() => formProblems(form), [form]);
  const change = useMemo(
    () =>
      Object.keys(problems).length > 0 || (!isNew && !isChanged)
        ? null
        : { ...changeOf(base.form, form, isNew), overwrite: !isNew },
    [base, form, problems, isNew, isChanged],
  );
  const [settled] = useDebouncedValue(change, settledMs);
  const checking = useQuery(connectionCheckQuery(settled));
  const check = settled === null || checking.isError ? undefined : checking.data;
  const refusals =
    checking.error instanceof ApiError && checking.error.code === 'invalid_input'
      ? refusalsOf(checking.error.message)
      : (check?.refusals ?? []);

  const errors: Errors = { ...problems };
  const otherErrors: string[] = [];
  for (const { field, message } of settled === null ? [] : refusals) {
    const own = formField(field);
    if (own === null) otherErrors.push(message);
    else errors[own] ??= message.replace(`${field}: `, '');
  }
  for (const field of atFirstEmpty) if (isNew && !submitted && form[field] === '') delete errors[field];

  return {
    form,
    set: (fields) => {
      setForm((now) => ({ ...now, ...fields }));
      if (!saving.isIdle && !saving.isPending) saving.reset();
    },
    ...{ errors, otherErrors, check, isChanged },
    reset: () => restart(view),
    conflicts: isBehind && isChanged && !saving.isPending ? conflictsOf(base.form, formOf(view), form) : null,
    goOn() {
      if (!view) return;
      setForm(rebased(base.form, form, formOf(view)));
      setBase({ view, form: formOf(view) });
      saving.reset();
    },
    save() {
      setSubmitted(true);
      saving.mutate();
    },
    isSaving: saving.isPending,
    isSaved: saving.isSuccess,
    failure: saving.error,
  };
}

function conflictsOf(base: ConnectionForm, theirs: ConnectionForm, mine: ConnectionForm): Conflict[] {
  const ours = changedFields(base, mine);
  return changedFields(base, theirs).map((field) => ({
    ...{ field, before: base[field], now: theirs[field] },
    mine: ours.includes(field) && !isSame(theirs[field], mine[field]),
  }));
}
