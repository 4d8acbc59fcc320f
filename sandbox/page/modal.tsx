import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api } from './api.ts';
import { useClient } from './client.ts';
import { Dialog } from './dialog.tsx';
import { ViewForm, type Entries } from './view-form.tsx';
import { plainOf } from './text/text-object.tsx';

/** The person's open modals: the one on top of the stack is shown, wherever it was opened. */
export function Modal() {
  const { me } = useClient();
  const { data } = useQuery({ queryKey: ['views', me.id], queryFn: () => api.views(me.id) });
  const views = data?.views ?? [];
  const top = views.at(-1);
  const root = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState<{ view: string; words: string } | null>(null);
  // What was entered in views below the top waits there.
  const [entered, setEntered] = useState<Record<string, Entries>>({});

  const [id, hash] = [top?.id, top?.hash];
  useEffect(() => {
    const here = root.current?.closest('dialog');
    const focused = document.activeElement;
    if (!id || !here || (focused && focused !== here && here.contains(focused) && focused.matches(FIELD))) return;
    // A view that was loading has its fields now; one that pushed or popped has others.
    const lost = !focused || focused === here || !here.contains(focused) || focused.matches('.close, .modal-body');
    if (lost) focusFirst(here);
  }, [id, hash]);

  if (!top) return null;
  const say = (words: string) => setProblem(words ? { view: top.id, words } : null);
  const close = () => {
    say('');
    api.close(top.id, me.id).catch((error: Error) => say(error.message));
  };
  return (
    <Dialog className="modal" labelledBy="modal-title" onClose={close}>
      <div className="modal-root" ref={root}>
        <header>
          {views.length > 1 && (
            <button type="button" className="back" aria-label="Back" onClick={close}>
              ←
            </button>
          )}
          <div>
            <h2 id="modal-title">{plainOf(top.title)}</h2>
            <small>{top.appName}</small>
          </div>
          <button type="button" className="close" aria-label="Close" onClick={close}>
            ✕
          </button>
        </header>
        <ViewForm
          key={top.id}
          view={top}
          entries={entered[top.id] ?? {}}
          problem={problem?.view === top.id ? problem.words : ''}
          onEnter={(entries) => setEntered((before) => ({ ...before, [top.id]: { ...before[top.id], ...entries } }))}
          onProblem={say}
          onClose={close}
        />
      </div>
    </Dialog>
  );
}

/** The first field, unless one would have to pass what is to be read to get there: then that, ready to be scrolled. */
function focusFirst(dialog: HTMLElement): void {
  const body = dialog.querySelector<HTMLElement>('.modal-body');
  const field = dialog.querySelector<HTMLElement>(FIELD);
  if (!body) return;
  const inSight = field && field.getBoundingClientRect().bottom <= body.getBoundingClientRect().bottom;
  (inSight ? field : body).focus({ preventScroll: true });
}

const FIELD = '.modal-body :is(textarea, input, select)';
