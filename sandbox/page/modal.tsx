import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import type { Json } from '../model.ts';
import { api, Refused, type ShownView } from './api.ts';
import { Blocks } from './blocks.tsx';
import { useClient } from './client.ts';
import { Input } from './input.tsx';
import { textOf } from './text.ts';

/** The person's modal on top of the stack, wherever it was opened. */
export function Modal() {
  const { me } = useClient();
  const { data } = useQuery({ queryKey: ['views', me.id], queryFn: () => api.views(me.id) });
  const top = data?.views.at(-1);
  return top ? <OpenModal key={top.id} view={top} /> : null;
}

function OpenModal({ view }: { view: ShownView }) {
  const { me } = useClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const [entries, setEntries] = useState<Record<string, Json>>({});
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>('textarea, input, select')?.focus();
  }, []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      await api.submit(view.id, me.id, entries);
    } catch (error) {
      const known = error instanceof Refused ? error.code : '';
      // Which fields are wrong is shown beside them, from the view itself.
      if (known === 'app_did_not_respond')
        setProblem('We had some trouble connecting: the app did not respond. Try again?');
      else if (known !== 'view_incomplete') setProblem((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  const close = () => api.close(view.id, me.id).catch((error: Error) => setProblem(error.message));

  return (
    <dialog
      ref={dialog}
      className="modal"
      aria-labelledby="modal-title"
      onCancel={(event) => {
        event.preventDefault();
        void close();
      }}
    >
      <form onSubmit={(event) => void submit(event)} noValidate>
        <header>
          <h2 id="modal-title">{textOf(view.title)}</h2>
          <small>{view.appName}</small>
          <button type="button" aria-label="Close" onClick={() => void close()}>
            ✕
          </button>
        </header>
        <div className="modal-body">
          {problem && (
            <p className="problem" role="alert">
              {problem}
            </p>
          )}
          <Blocks
            blocks={view.blocks}
            onAct={(aim) => api.click({ as: me.id, viewId: view.id, ...aim })}
            input={(block) => (
              <Input
                block={block}
                state={view.state.values[block.block_id!]}
                error={view.errors[block.block_id!]}
                onEnter={(actionId, value) =>
                  setEntries((before) => ({ ...before, [block.block_id!]: { [actionId]: value } }))
                }
              />
            )}
          />
        </div>
        <footer>
          <button type="button" className="button" onClick={() => void close()}>
            {textOf(view.close) || 'Cancel'}
          </button>
          {view.submit && (
            <button type="submit" className="button primary" disabled={busy} aria-busy={busy}>
              {textOf(view.submit)}
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
}
