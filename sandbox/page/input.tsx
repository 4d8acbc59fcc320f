import { useId, useState } from 'react';
import type { Block, Json } from '../model.ts';
import { Choices } from './elements.tsx';
import { textOf } from './text.ts';

type Entry = string | string[];

interface Props {
  block: Block;
  /** What the view holds for the block: what was entered before, or the initial value. */
  state: Record<string, Json> | undefined;
  error: string | undefined;
  onEnter: (actionId: string, value: Entry) => void;
}

/** A labelled field of a modal, with its hint and what is wrong with it. */
export function Input({ block, state, error, onEnter }: Props) {
  const id = useId();
  const element = block.element as Json;
  const actionId = String(element.action_id);
  const [value, setValue] = useState<Entry>(() => held(state?.[actionId] ?? {}));
  const enter = (next: Entry) => {
    setValue(next);
    onEnter(actionId, next);
  };
  const hint = textOf(block.hint);
  const grouped = ['radio_buttons', 'checkboxes'].includes(String(element.type));
  const Label = grouped ? 'span' : 'label';
  return (
    <div
      className={`field ${error ? 'wrong' : ''}`}
      {...(grouped ? { role: 'group', 'aria-labelledby': `${id}-label` } : {})}
    >
      <Label id={`${id}-label`} {...(grouped ? {} : { htmlFor: id })} className="label">
        {textOf(block.label)}
        {block.optional === true && <small> (optional)</small>}
      </Label>
      <Field id={id} element={element} value={value} describedBy={`${id}-notes`} onEnter={enter} />
      <div id={`${id}-notes`}>
        {error && (
          <p className="error" role="alert">
            {error}
          </p>
        )}
        {hint && <p className="hint">{hint}</p>}
      </div>
    </div>
  );
}

/** What a state entry holds, as the fields of the page take it. */
function held(state: Json): Entry {
  const option = state.selected_option as Json | null | undefined;
  if (option) return String(option.value);
  const options = state.selected_options as Json[] | undefined;
  if (options) return options.map((entry) => String(entry.value));
  const plain = state.value ?? state.selected_date ?? state.selected_time ?? state.selected_user ?? '';
  return String(plain);
}

interface FieldProps {
  id: string;
  element: Json;
  value: Entry;
  describedBy: string;
  onEnter: (value: Entry) => void;
}

const INPUT_TYPE: Record<string, string> = {
  number_input: 'number',
  email_text_input: 'email',
  url_text_input: 'url',
  datepicker: 'date',
  timepicker: 'time',
};

function Field({ id, element, value, describedBy, onEnter }: FieldProps) {
  const groups = (element.option_groups ?? []) as { label: unknown; options: Json[] }[];
  const options = [...((element.options ?? []) as Json[]), ...groups.flatMap((group) => group.options)];
  const several = element.type === 'checkboxes' || element.type === 'multi_static_select';
  const chosen = Array.isArray(value) ? value : value ? [value] : [];
  const placeholder = textOf(element.placeholder);
  const common = { id, 'aria-describedby': describedBy };
  if (element.type === 'radio_buttons' || several) {
    const toggled = (entry: string) =>
      chosen.includes(entry) ? chosen.filter((other) => other !== entry) : [...chosen, entry];
    const choose = (entry: string) => onEnter(several ? toggled(entry) : entry);
    return <Choices several={several} options={options} chosen={chosen} onToggle={choose} />;
  }
  const text = Array.isArray(value) ? '' : value;
  if (element.type === 'static_select') {
    return (
      <select {...common} className="select" value={text} onChange={({ target }) => onEnter(target.value)}>
        <option value="">{placeholder || 'Choose an option'}</option>
        {options.map((option) => (
          <option key={String(option.value)} value={String(option.value)}>
            {textOf(option.text)}
          </option>
        ))}
      </select>
    );
  }
  const maxLength = typeof element.max_length === 'number' ? element.max_length : 3000;
  const typing = { ...common, value: text, placeholder, maxLength };
  if (element.multiline === true)
    return <textarea {...typing} rows={4} onChange={({ target }) => onEnter(target.value)} />;
  const type = INPUT_TYPE[String(element.type)] ?? 'text';
  return <input {...typing} type={type} onChange={({ target }) => onEnter(target.value)} />;
}
