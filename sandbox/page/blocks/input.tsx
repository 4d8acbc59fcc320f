import { useId } from 'react';
import type { Block, Json } from '../../model.ts';
import { plainOf } from '../text/text-object.tsx';
import { Field, type Entry } from './field.tsx';

interface Props {
  block: Block;
  /** What is entered now. */
  value: Entry;
  error: string | undefined;
  onEnter: (value: Entry) => void;
}

const GROUPED = /^(radio_buttons|checkboxes|multi_.*)$/;

/** A labelled field of a modal, with its hint and what is wrong with it. */
export function Input({ block, value, error, onEnter }: Props) {
  const id = useId();
  const element = block.element as Json;
  const hint = plainOf(block.hint);
  const grouped = GROUPED.test(String(element.type));
  const Label = grouped ? 'span' : 'label';
  const described = error || hint ? `${id}-notes` : undefined;
  return (
    <div
      className={`field ${error ? 'wrong' : ''}`}
      {...(grouped ? { role: 'group', 'aria-labelledby': `${id}-label`, 'aria-describedby': described } : {})}
    >
      <Label id={`${id}-label`} {...(grouped ? {} : { htmlFor: id })} className="label">
        {plainOf(block.label)}
        {block.optional === true && <small> (optional)</small>}
      </Label>
      <Field id={id} element={element} value={value} wrong={Boolean(error)} describedBy={described} onEnter={onEnter} />
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
