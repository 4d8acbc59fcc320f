import { useState } from 'react';
import type { Block, Json } from '../../model.ts';
import { Refused } from '../api.ts';
import { Confirm, type ConfirmText } from './confirm.tsx';
import { Control, type Chosen } from './control.tsx';

export interface Aim {
  actionId: string;
  blockId?: string | undefined;
  value?: Chosen;
}
/** Tells the app; rejects when the app did not acknowledge. */
export type Act = (aim: Aim) => Promise<unknown>;

/** A button or menu of a message or modal. Shows that it is at work, and warns when the app stays silent. */
export function Element({ block, element, onAct }: { block: Block; element: Json; onAct: Act }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [asking, setAsking] = useState<{ value: Chosen } | null>(null);
  const confirm = element.confirm as ConfirmText | undefined;

  const act = async (value: Chosen) => {
    setBusy(true);
    setProblem('');
    try {
      await onAct({ actionId: String(element.action_id), blockId: block.block_id, value });
    } catch (error) {
      const silent = error instanceof Refused && error.code === 'app_did_not_respond';
      setProblem(silent ? 'The app did not respond.' : (error as Error).message);
    } finally {
      setBusy(false);
    }
  };

  return (
    <span className="element">
      <Control element={element} busy={busy} onUse={(value) => (confirm ? setAsking({ value }) : void act(value))} />
      {problem && (
        <span className="warning" role="alert">
          ⚠ {problem}
        </span>
      )}
      {confirm && asking && (
        <Confirm
          text={confirm}
          onDeny={() => setAsking(null)}
          onConfirm={() => {
            setAsking(null);
            void act(asking.value);
          }}
        />
      )}
    </span>
  );
}
