import { useId } from 'react';
import type { Option } from './options.ts';

interface Props {
  several: boolean;
  options: Option[];
  chosen: string[];
  disabled?: boolean;
  label?: string;
  onToggle: (value: string) => void;
}

/** Radio buttons or checkboxes with their descriptions. */
export function Choices({ several, options, chosen, disabled = false, label, onToggle }: Props) {
  const name = useId();
  return (
    <span className="choices" role={several ? 'group' : 'radiogroup'} aria-label={label}>
      {options.map(({ value, label: words, note }) => (
        <label key={value}>
          <input
            type={several ? 'checkbox' : 'radio'}
            name={name}
            checked={chosen.includes(value)}
            disabled={disabled}
            onChange={() => onToggle(value)}
          />
          <span>
            {words}
            {note && <small>{note}</small>}
          </span>
        </label>
      ))}
    </span>
  );
}

/** What is chosen after `value` was clicked. */
export function toggled(several: boolean, chosen: string[], value: string): string[] {
  if (!several) return [value];
  return chosen.includes(value) ? chosen.filter((entry) => entry !== value) : [...chosen, value];
}
