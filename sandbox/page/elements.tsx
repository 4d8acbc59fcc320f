import { useState } from 'react';
import type { Block, Json } from '../model.ts';
import { Refused } from './api.ts';
import { Confirm, type ConfirmText } from './confirm.tsx';
import { textOf } from './text.ts';

export interface Aim {
  actionId: string;
  blockId?: string | undefined;
  value?: string | string[] | undefined;
}
/** Tells the app; rejects when the app did not acknowledge. */
export type Act = (aim: Aim) => Promise<unknown>;

/** A button or menu of a message or modal. Shows that it is at work, and warns when the app stays silent. */
export function Element({ block, element, onAct }: { block: Block; element: Json; onAct: Act }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [asking, setAsking] = useState<Aim['value'] | null>(null);
  const confirm = element.confirm as ConfirmText | undefined;

  const act = async (value: Aim['value']) => {
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
  const onUse = (value: Aim['value']) => (confirm ? setAsking(value) : void act(value));

  return (
    <span className="element">
      {control(element, busy, onUse)}
      {problem && (
        <span className="warning" role="alert">
          ⚠ {problem}
        </span>
      )}
      {confirm && asking !== null && (
        <Confirm
          text={confirm}
          onDeny={() => setAsking(null)}
          onConfirm={() => {
            setAsking(null);
            void act(asking);
          }}
        />
      )}
    </span>
  );
}

function control(element: Json, busy: boolean, onUse: (value: Aim['value']) => void) {
  const options = [
    ...((element.options ?? []) as Json[]),
    ...((element.option_groups ?? []) as { options: Json[] }[]).flatMap((group) => group.options),
  ];
  switch (element.type) {
    case 'button': {
      const press = () => {
        const url = String(element.url ?? '');
        if (/^https?:/i.test(url)) open(url, '_blank', 'noopener,noreferrer');
        onUse(element.value === undefined ? undefined : String(element.value));
      };
      const label = element.accessibility_label ? String(element.accessibility_label) : undefined;
      return (
        <button
          type="button"
          className={`button ${String(element.style ?? '')}`}
          aria-label={label}
          aria-busy={busy}
          disabled={busy}
          onClick={press}
        >
          {textOf(element.text)}
        </button>
      );
    }
    case 'radio_buttons':
    case 'checkboxes':
      return <ChoiceElement element={element} options={options} busy={busy} onUse={onUse} />;
    case 'static_select':
    case 'overflow': {
      const initial = (element.initial_option as Json | undefined)?.value;
      const name = textOf(element.placeholder) || (element.type === 'overflow' ? '⋯' : 'Choose');
      return (
        <select
          className="select"
          aria-label={name}
          disabled={busy}
          defaultValue={String(initial ?? '')}
          onChange={({ target }) => target.value && onUse(target.value)}
        >
          <option value="">{name}</option>
          {options.map((option) => (
            <option key={String(option.value)} value={String(option.value)}>
              {textOf(option.text)}
            </option>
          ))}
        </select>
      );
    }
    default:
      return <span className="unsupported">{String(element.type)} is not shown by the sandbox</span>;
  }
}

interface ChoiceProps {
  element: Json;
  options: Json[];
  busy: boolean;
  onUse: (value: Aim['value']) => void;
}

function ChoiceElement({ element, options, busy, onUse }: ChoiceProps) {
  const several = element.type === 'checkboxes';
  const initial = [element.initial_option, ...((element.initial_options ?? []) as Json[])].filter(Boolean) as Json[];
  const [chosen, setChosen] = useState(initial.map((option) => String(option.value)));
  const toggle = (value: string) => {
    const next = !several
      ? [value]
      : chosen.includes(value)
        ? chosen.filter((entry) => entry !== value)
        : [...chosen, value];
    setChosen(next);
    onUse(several ? next : value);
  };
  return <Choices several={several} options={options} chosen={chosen} disabled={busy} onToggle={toggle} />;
}

interface ChoicesProps {
  several: boolean;
  options: Json[];
  chosen: string[];
  disabled?: boolean;
  onToggle: (value: string) => void;
}

/** Radio buttons or checkboxes with their descriptions. */
export function Choices({ several, options, chosen, disabled = false, onToggle }: ChoicesProps) {
  return (
    <span className="choices" role={several ? 'group' : 'radiogroup'}>
      {options.map((option) => {
        const value = String(option.value);
        return (
          <label key={value}>
            <input
              type={several ? 'checkbox' : 'radio'}
              checked={chosen.includes(value)}
              disabled={disabled}
              onChange={() => onToggle(value)}
            />
            <span>
              {textOf(option.text)}
              {Boolean(option.description) && <small>{textOf(option.description)}</small>}
            </span>
          </label>
        );
      })}
    </span>
  );
}
