import { TextInput, type TextInputProps } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

interface Props extends Omit<TextInputProps, 'value' | 'onChange'> {
  /** As it stands in the address. */
  value: string;
  onChange: (value: string) => void;
}

const waitMs = 300;

/** A field whose text becomes part of the address once typing pauses; whatever else changes the address changes the field. */
export function FilterField({ value, onChange, ...props }: Props) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState(value);
  const [sent, setSent] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  if (known !== value) {
    setKnown(value);
    // what was typed meanwhile stays
    if (value !== sent) setText(value);
    setSent(value);
  }
  const send = (next: string) => {
    clearTimeout(timer.current);
    if (next.trim() === value) return;
    setSent(next.trim());
    onChange(next.trim());
  };
  return (
    <TextInput
      {...props}
      value={text}
      onChange={({ currentTarget: { value: next } }) => {
        setText(next);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => send(next), waitMs);
      }}
      onBlur={() => send(text)}
      onKeyDown={({ key }) => {
        if (key === 'Enter') send(text);
      }}
    />
  );
}
