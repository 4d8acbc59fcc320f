import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { VisibleText } from '../../ui/visible-text.tsx';
import classes from './audit-details.module.css';

/** Characters of a value, and values, that are shown at first. */
const most = { characters: 160, values: 4 };

/** Lists, and names with values, as people write them; what is built of more stays JSON. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  if (Array.isArray(value)) return isFlat(value) ? value.join(', ') || 'none' : JSON.stringify(value);
  const pairs = Object.entries(value);
  if (!pairs.every(([, one]) => !Array.isArray(one) || isFlat(one))) return JSON.stringify(value);
  return pairs.map(([name, one]) => `${name} ${typeof one === 'string' && one === '' ? "''" : textOf(one)}`).join('; ');
}

const isFlat = (values: unknown[]): boolean =>
  values.every((one) => typeof one === 'string' || typeof one === 'number');

/** Names and values of a row; what is long is shown on demand. Empty ones say nothing. */
export function AuditDetails({ details }: { details: Record<string, unknown> }) {
  const [whole, setWhole] = useState(false);
  const values = Object.entries(details)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => ({ name, text: textOf(value) }));
  if (values.length === 0) {
    return (
      <Text span inherit c="dimmed">
        none
      </Text>
    );
  }
  const isCut = values.length > most.values || values.some(({ text }) => text.length > most.characters);
  const shown = whole ? values : values.slice(0, most.values);
  return (
    <>
      <dl className={classes.details}>
        {shown.map(({ name, text }) => (
          <div key={name}>
            <dt>
              <VisibleText>{`${name}:`}</VisibleText>{' '}
            </dt>
            <dd>
              <VisibleText>
                {!whole && text.length > most.characters ? `${text.slice(0, most.characters)}…` : text}
              </VisibleText>
            </dd>
          </div>
        ))}
      </dl>
      {isCut && (
        <Button variant="subtle" size="compact-xs" onClick={() => setWhole((before) => !before)} aria-expanded={whole}>
          {whole ? 'Show less' : 'Show all'}
        </Button>
      )}
    </>
  );
}
