import { useEffect, useRef, useState, type FormEvent, type KeyboardEvent } from 'react';
import type { Block, Json } from '../model.ts';
import { api, Refused, type ShownView } from './api.ts';
import { Blocks } from './blocks/blocks.tsx';
import type { Aim } from './blocks/element.tsx';
import { held, type Entry } from './blocks/field.tsx';
import { Input } from './blocks/input.tsx';
import { useClient } from './client.ts';
import { plainOf } from './text/text-object.tsx';

/** By block, then action: what was entered and not submitted yet. */
export type Entries = Record<string, Record<string, Entry>>;

interface Props {
  view: ShownView;
  entries: Entries;
  problem: string;
  onEnter: (entries: Entries) => void;
  onProblem: (words: string) => void;
  onClose: () => void;
}

const SILENT = 'We had some trouble connecting: the app did not respond. Try again?';

/** What a modal shows and asks. */
export function ViewForm({ view, entries, problem, onEnter, onProblem, onClose }: Props) {
  const { me } = useClient();
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const submitted = useRef(false);
  const pressed = useRef<Pressed | null>(null);

  const attempt = async (work: () => Promise<unknown>) => {
    onProblem('');
    try {
      await work();
    } catch (error) {
      const known = error instanceof Refused ? error.code : '';
      // Which fields are wrong is shown beside them, from the view itself.
      if (known !== 'view_incomplete') onProblem(known === 'app_did_not_respond' ? SILENT : (error as Error).message);
    }
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || !view.submit) return;
    setBusy(true);
    submitted.current = true;
    await attempt(() => api.submit(view.id, me.id, entries));
    setBusy(false);
  };
  useEffect(() => {
    // What is wrong comes into sight, once it is known: with the view, after the answer.
    const wrong = form.current!.querySelector<HTMLElement>('.wrong :is(input, textarea, select)');
    if (busy || !submitted.current || !wrong) return;
    submitted.current = false;
    wrong.focus();
  }, [busy, view.errors]);
  const act = (aim: Aim) => {
    pressed.current = { blockId: aim.blockId, blocks: view.blocks };
    return api.click({ as: me.id, viewId: view.id, values: entries, ...aim });
  };
  useEffect(() => {
    // The next page of a long text begins at its top.
    if (pressed.current && isNewAbove(pressed.current, view.blocks)) body.current!.scrollTop = 0;
    pressed.current = null;
  }, [view.blocks]);
  const enter = (block: Block, value: Entry) => {
    const { action_id: action, type } = block.element as Json;
    const entry = { [block.block_id!]: { [String(action)]: value } };
    onEnter(entry);
    const tells = block.dispatch_action === true && !String(type).endsWith('_input');
    if (tells) {
      const values = { ...entries, ...entry };
      const aim = { actionId: String(action), blockId: block.block_id, value };
      void attempt(() => api.click({ as: me.id, viewId: view.id, values, ...aim }));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const sends = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
    if (!sends) return;
    event.preventDefault();
    form.current?.requestSubmit();
  };

  return (
    <form ref={form} onSubmit={(event) => void submit(event)} onKeyDown={onKeyDown} noValidate>
      <div className="modal-body" tabIndex={-1} ref={body}>
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <Blocks
          blocks={view.blocks}
          onAct={act}
          input={(block) => {
            const action = String((block.element as Json).action_id);
            const before = view.state.values[block.block_id!]?.[action];
            return (
              <Input
                block={block}
                value={entries[block.block_id!]?.[action] ?? held(before)}
                error={view.errors[block.block_id!]}
                onEnter={(value) => enter(block, value)}
              />
            );
          }}
        />
      </div>
      <footer>
        <button type="button" className="button" onClick={onClose}>
          {plainOf(view.close) || 'Cancel'}
        </button>
        {view.submit && (
          <button type="submit" className="button primary" aria-disabled={busy} aria-busy={busy}>
            {plainOf(view.submit)}
          </button>
        )}
      </footer>
    </form>
  );
}

interface Pressed {
  blockId: string | undefined;
  blocks: Block[];
}

/** Whether something above the button that was pressed is not what it was. */
function isNewAbove({ blockId, blocks }: Pressed, now: Block[]): boolean {
  const at = blocks.findIndex((block) => block.block_id === blockId);
  // Ids that the app did not give are others each time.
  const words = (of: Block[]) => JSON.stringify(of.slice(0, at), (key, value) => (key === 'block_id' ? null : value));
  return words(blocks) !== words(now);
}
