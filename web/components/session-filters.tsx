import {
  Button,
  Checkbox,
  CloseButton,
  Collapse,
  Group,
  Input,
  NativeSelect,
  Popover,
  Stack,
  TextInput,
} from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useId, useState } from 'react';
import { sessionStates, type SessionState } from '#shared/session-states.ts';
import { VisibleText } from '../ui/visible-text.tsx';
import {
  filterWords,
  idProblem,
  isoOf,
  localField,
  noFilter,
  type FilterField,
  type SessionFilter,
} from '../util/session-filter.ts';
import { phoneWidth } from '../util/screen.ts';
import { stateLabel } from '../util/session-words.ts';
import classes from './session-filters.module.css';

interface Props {
  filter: SessionFilter;
  /** Names to choose from. */
  connections: readonly string[];
  onChange: (filter: SessionFilter) => void;
}

/** What the list is narrowed to, one field a condition; on a phone behind a button. */
export function SessionFilters({ filter, connections, onChange }: Props) {
  const phone = useMediaQuery(phoneWidth, false, { getInitialValueInEffect: false });
  const [open, setOpen] = useState(false);
  const fields = useId();
  const words = filterWords(filter);
  return (
    <Stack gap="sm" component="search" aria-label="Filter">
      {phone && (
        <Button variant="default" aria-expanded={open} aria-controls={fields} onClick={() => setOpen(!open)}>
          {open ? 'Hide the filter' : words.length > 0 ? `Filter (${words.length})` : 'Filter'}
        </Button>
      )}
      <Collapse expanded={!phone || open} id={fields}>
        <Fields filter={filter} connections={connections} onChange={onChange} />
      </Collapse>
      {words.length > 0 && (
        <Group gap={6} role="group" aria-label="Conditions">
          {words.map(({ text, without }) => (
            <span key={text} className={classes.chip}>
              <VisibleText>{text}</VisibleText>
              <CloseButton size="xs" aria-label={`Without: ${text}`} onClick={() => onChange(without)} />
            </span>
          ))}
          <Button variant="subtle" size="compact-sm" onClick={() => onChange(noFilter)}>
            Clear
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Fields({ filter, connections, onChange }: Props) {
  const names = useId();
  const people = useId();
  const set = (field: FilterField) => (value: string) => onChange({ ...filter, [field]: value });
  return (
    <div className={classes.fields}>
      <States chosen={filter.states} onChange={(states) => onChange({ ...filter, states })} />
      <LateField
        label="Connection"
        value={filter.connection}
        onSet={set('connection')}
        list={names}
        known={connections}
      />
      <NativeSelect
        label="Kind"
        data={[
          { value: '', label: 'Any' },
          { value: 'exec', label: 'Commands' },
          { value: 'connect', label: 'Grants' },
        ]}
        value={filter.kind}
        onChange={({ currentTarget }) => set('kind')(currentTarget.value)}
      />
      <LateField
        label="Asked by"
        placeholder="E-mail, or me"
        value={filter.requester}
        onSet={(text) => set('requester')(text.toLowerCase())}
        list={people}
        known={me}
      />
      <TextInput
        type="datetime-local"
        label="Since"
        value={localField(filter.since)}
        onChange={({ currentTarget }) => set('since')(isoOf(currentTarget.value))}
      />
      <TextInput
        type="datetime-local"
        label="Until"
        value={localField(filter.until)}
        onChange={({ currentTarget }) => set('until')(isoOf(currentTarget.value))}
      />
      <LateField
        label="Id"
        placeholder="First 8 characters"
        value={filter.id}
        onSet={(text) => set('id')(text.toLowerCase())}
        problemOf={idProblem}
      />
    </div>
  );
}

const me = ['me'];

function States({ chosen, onChange }: { chosen: SessionState[]; onChange: (states: SessionState[]) => void }) {
  const text = chosen.length === 0 ? 'Any' : chosen.length === 1 ? stateLabel(chosen[0]!) : `${chosen.length} states`;
  const id = useId();
  return (
    <Input.Wrapper label="State" labelElement="div" labelProps={{ id }}>
      <Popover position="bottom-start" trapFocus returnFocus>
        <Popover.Target>
          <Button variant="default" fullWidth justify="flex-start" fw={400} aria-labelledby={`${id} ${id}-value`}>
            <span id={`${id}-value`}>{text}</span>
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="States">
          <Checkbox.Group
            value={chosen}
            onChange={(values) => onChange(sessionStates.filter((one) => values.includes(one)))}
          >
            <div className={classes.states}>
              {sessionStates.map((state) => (
                <Checkbox key={state} value={state} label={stateLabel(state)} size="sm" />
              ))}
            </div>
          </Checkbox.Group>
        </Popover.Dropdown>
      </Popover>
    </Input.Wrapper>
  );
}

interface LateFieldProps {
  label: string;
  placeholder?: string;
  value: string;
  onSet: (text: string) => void;
  /** Id of the suggestions. */
  list?: string;
  known?: readonly string[];
  problemOf?: (text: string) => string | null;
}

/** Counts once it is typed to its end: with Enter, on leaving it, or by choosing what is suggested. */
function LateField({ label, placeholder, value, onSet, list, known = [], problemOf }: LateFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? value;
  const problem = problemOf?.(text.trim()) ?? null;
  const settle = (next: string) => {
    if (problemOf?.(next.trim()) != null) return;
    setTyped(null);
    if (next.trim() !== value) onSet(next.trim());
  };
  return (
    <div>
      <TextInput
        label={label}
        placeholder={placeholder}
        value={text}
        list={list}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        error={problem}
        onChange={({ currentTarget: { value: next } }) => {
          setTyped(next);
          if (known.includes(next) || next === '') settle(next);
        }}
        onBlur={() => settle(text)}
        onKeyDown={({ key }) => key === 'Enter' && settle(text)}
      />
      {list !== undefined && (
        <datalist id={list}>
          {known.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
    </div>
  );
}
