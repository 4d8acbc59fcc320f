import type { Option } from './options.ts';

interface Props {
  options: Option[];
  value: string;
  placeholder: string;
  onChoose: (value: string) => void;
  id?: string;
  disabled?: boolean;
  'aria-label'?: string | undefined;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: boolean | undefined;
}

/** A menu of options, in groups where the app made some. The browser's own, so that keys and phones do what they do. */
export function Select({ options, value, placeholder, onChoose, ...rest }: Props) {
  const groups = [...new Set(options.map(({ group }) => group))];
  const entry = ({ value: key, label, note }: Option) => (
    <option key={key} value={key}>
      {note ? `${label} – ${note}` : label}
    </option>
  );
  return (
    <select {...rest} className="select" value={value} onChange={({ target }) => onChoose(target.value)}>
      <option value="">{placeholder}</option>
      {groups.map((group) => {
        const entries = options.filter((option) => option.group === group).map(entry);
        return group ? (
          <optgroup key={group} label={group}>
            {entries}
          </optgroup>
        ) : (
          entries
        );
      })}
    </select>
  );
}
