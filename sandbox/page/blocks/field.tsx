import type { Json } from '../../model.ts';
import { useClient } from '../client.ts';
import { plainOf } from '../text/text-object.tsx';
import { Choices, toggled } from './choices.tsx';
import { optionsFor } from './options.ts';
import { Select } from './select.tsx';

export type Entry = string | string[];

/** What a state entry of a view holds, as the fields take it. */
export function held(state: Json = {}): Entry {
  const option = state.selected_option as Json | null | undefined;
  if (option) return String(option.value);
  const options = state.selected_options as Json[] | undefined;
  if (options) return options.map((entry) => String(entry.value));
  const value = Object.entries(state).find(([name, entry]) => name !== 'type' && entry !== null)?.[1] ?? '';
  return Array.isArray(value) ? value.map(String) : String(value);
}

interface Props {
  id: string;
  element: Json;
  value: Entry;
  wrong: boolean;
  describedBy: string | undefined;
  onEnter: (value: Entry) => void;
}

const INPUT_TYPE: Record<string, string> = {
  email_text_input: 'email',
  url_text_input: 'url',
  datepicker: 'date',
  timepicker: 'time',
};

export function Field({ id, element, value, wrong, describedBy, onEnter }: Props) {
  const options = optionsFor(element, useClient());
  const type = String(element.type);
  const several = type === 'checkboxes' || type.startsWith('multi_');
  const placeholder = plainOf(element.placeholder);
  const text = Array.isArray(value) ? '' : value;
  const common = { id, 'aria-describedby': describedBy, 'aria-invalid': wrong || undefined };
  if (type === 'radio_buttons' || several) {
    const chosen = Array.isArray(value) ? value : value ? [value] : [];
    const choose = (entry: string) => onEnter(several ? toggled(true, chosen, entry) : entry);
    return <Choices several={several} options={options} chosen={chosen} onToggle={choose} />;
  }
  if (type.endsWith('_select')) {
    const nothing = placeholder || 'Choose an option';
    return <Select {...common} options={options} value={text} placeholder={nothing} onChoose={onEnter} />;
  }
  const maxLength = typeof element.max_length === 'number' ? element.max_length : 3000;
  const onChange = ({ target }: { target: { value: string } }) => onEnter(target.value);
  const typing = { ...common, value: text, placeholder, maxLength, onChange };
  if (element.multiline === true) return <textarea {...typing} rows={4} />;
  const numeric = type === 'number_input' ? ({ inputMode: 'decimal' } as const) : {};
  return <input {...typing} {...numeric} type={INPUT_TYPE[type] ?? 'text'} autoComplete="off" />;
}
