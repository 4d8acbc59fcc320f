import { useState } from 'react';
import type { Json } from '../../model.ts';
import { useClient } from '../client.ts';
import { plainOf } from '../text/text-object.tsx';
import { isSafe } from '../text/safe-link.tsx';
import { Choices, toggled } from './choices.tsx';
import { OverflowMenu } from './menu.tsx';
import { initialOf, optionsFor } from './options.ts';
import { Picture } from './picture.tsx';
import { Select } from './select.tsx';

export type Chosen = string | string[] | undefined;

interface Props {
  element: Json;
  busy: boolean;
  onUse: (value: Chosen) => void;
}

/** An interactive element outside of a field. */
export function Control(props: Props) {
  switch (String(props.element.type)) {
    case 'button':
      return <Button {...props} />;
    case 'overflow':
      return <Overflow {...props} />;
    case 'radio_buttons':
    case 'checkboxes':
    case 'multi_static_select':
    case 'multi_users_select':
    case 'multi_channels_select':
    case 'multi_conversations_select':
      return <ChoiceControl {...props} />;
    case 'static_select':
    case 'users_select':
    case 'channels_select':
    case 'conversations_select':
      return <SelectControl {...props} />;
    case 'datepicker':
    case 'timepicker':
      return <TimeControl {...props} />;
    case 'image':
      return <Picture image={props.element} />;
    default:
      return <span className="unsupported">{String(props.element.type)}: the sandbox does not draw it.</span>;
  }
}

/** Not `disabled` while it is at work: whoever pressed it by keyboard would lose their place. */
function Button({ element, busy, onUse }: Props) {
  const url = String(element.url ?? '');
  const press = () => {
    if (busy) return;
    if (isSafe(url)) open(url, '_blank', 'noopener,noreferrer');
    onUse(element.value === undefined ? undefined : String(element.value));
  };
  return (
    <button
      type="button"
      className={`button ${String(element.style ?? '')}`}
      aria-label={element.accessibility_label ? String(element.accessibility_label) : undefined}
      aria-busy={busy}
      aria-disabled={busy}
      onClick={press}
    >
      {plainOf(element.text)}
      {isSafe(url) && <span className="outside" aria-hidden />}
    </button>
  );
}

function Overflow({ element, busy, onUse }: Props) {
  const options = optionsFor(element, useClient());
  const links = (element.options ?? []) as Json[];
  const choose = (value: string) => {
    const url = String(links.find((entry) => entry.value === value)?.url ?? '');
    if (isSafe(url)) open(url, '_blank', 'noopener,noreferrer');
    onUse(value);
  };
  return <OverflowMenu options={options} label="More actions" busy={busy} onChoose={choose} />;
}

function SelectControl({ element, busy, onUse }: Props) {
  const [value, setValue] = useState(initialOf(element)[0] ?? '');
  const placeholder = plainOf(element.placeholder) || 'Choose an option';
  const choose = (next: string) => {
    if (next === '') return;
    setValue(next);
    onUse(next);
  };
  const options = optionsFor(element, useClient());
  return (
    <Select
      options={options}
      value={value}
      placeholder={placeholder}
      aria-label={placeholder}
      disabled={busy}
      onChoose={choose}
    />
  );
}

function ChoiceControl({ element, onUse }: Props) {
  const several = element.type !== 'radio_buttons';
  const [chosen, setChosen] = useState(initialOf(element));
  const choose = (value: string) => {
    const next = toggled(several, chosen, value);
    setChosen(next);
    onUse(several ? next : value);
  };
  const options = optionsFor(element, useClient());
  const label = plainOf(element.placeholder) || 'Choose';
  return <Choices several={several} options={options} chosen={chosen} label={label} onToggle={choose} />;
}

function TimeControl({ element, onUse }: Props) {
  const isDate = element.type === 'datepicker';
  const initial = String((isDate ? element.initial_date : element.initial_time) ?? '');
  return (
    <input
      className="select"
      type={isDate ? 'date' : 'time'}
      defaultValue={initial}
      aria-label={plainOf(element.placeholder) || (isDate ? 'Date' : 'Time')}
      onChange={({ target }) => target.value && onUse(target.value)}
    />
  );
}
