/** Which sessions a list shows: as its address has it, as the API is asked, and in words. */
import { sessionKinds, sessionStates, type SessionKind, type SessionState } from '#shared/session-states.ts';
import { stateLabel } from './session-words.ts';
import { absoluteTime } from './time.ts';

export interface SessionFilter {
  states: SessionState[];
  connection: string;
  kind: SessionKind | '';
  /** E-mail address, or `me`. */
  requester: string;
  /** ISO times. */
  since: string;
  until: string;
  /** What the id begins with. */
  id: string;
}

export type FilterField = keyof SessionFilter;

export const noFilter: SessionFilter = {
  states: [],
  connection: '',
  kind: '',
  requester: '',
  since: '',
  until: '',
  id: '',
};

/** What the API takes for the beginning of an id. */
const idPattern = /^[0-9a-f]{8}[0-9a-f-]{0,28}$/;

/** What an address asks for; what it has that is none is passed over. */
export function readFilter(search: URLSearchParams): SessionFilter {
  const text = (name: string) => (search.get(name) ?? '').trim();
  const asked = text('state').split(',');
  const id = text('id').toLowerCase();
  return {
    states: sessionStates.filter((state) => asked.includes(state)),
    connection: text('connection'),
    kind: sessionKinds.find((kind) => kind === text('kind')) ?? '',
    requester: text('requester').toLowerCase(),
    since: isoOf(text('since')),
    until: isoOf(text('until')),
    id: idPattern.test(id) ? id : '',
  };
}

/** Parameters of the address, which are also those of the API. */
export function filterParams({ states, ...rest }: SessionFilter): Record<string, string> {
  const params = { state: states.join(','), ...rest };
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== ''));
}

export function idProblem(text: string): string | null {
  if (text === '' || idPattern.test(text.toLowerCase())) return null;
  return 'The first 8 characters of an id, or more: 0-9 and a-f.';
}

export interface FilterWord {
  /** Of the chip. */
  text: string;
  /** The filter without it. */
  without: SessionFilter;
}

/** One a condition, in the order of the fields. */
export function filterWords(filter: SessionFilter): FilterWord[] {
  const { states, connection, kind, requester, since, until, id } = filter;
  const word = (field: Exclude<FilterField, 'states'>, text: string): FilterWord[] =>
    filter[field] === '' ? [] : [{ text, without: { ...filter, [field]: '' } }];
  return [
    ...states.map((state) => ({
      text: stateLabel(state),
      without: { ...filter, states: states.filter((other) => other !== state) },
    })),
    ...word('connection', `on ${connection}`),
    ...word('kind', kind === 'connect' ? 'grants' : 'commands'),
    ...word('requester', requester === 'me' ? 'asked by me' : `asked by ${requester}`),
    ...word('since', `since ${since === '' ? '' : absoluteTime(since)}`),
    ...word('until', `until ${until === '' ? '' : absoluteTime(until)}`),
    ...word('id', `id ${id}…`),
  ];
}

/** A time as a field of date and time has it (local), or any other that is understood, as ISO; empty for what is none. */
export function isoOf(text: string): string {
  const time = text === '' ? Number.NaN : new Date(text).getTime();
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}

/** As a field of date and time takes it: the local time, to the minute. */
export function localField(iso: string): string {
  if (iso === '') return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
