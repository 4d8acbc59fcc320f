/** A connection as the fields of a form, and what of them is sent. */
import type { ConnectionView } from '#shared/api-schemas.ts';
import { sessionKinds } from '#shared/session-states.ts';
import { exactSize, parseSize } from '#shared/size-text.ts';
import type { ConnectionChange } from '../data/connections.ts';
import { parseWords, wordsText } from './words.ts';

export interface Pair {
  name: string;
  value: string;
  /** The value of something that is there is replaced: its name stays. */
  fixed?: true;
}

/** All that can be typed, as it was typed. */
export interface ConnectionForm {
  name: string;
  agent: string;
  command: string;
  runAs: string;
  accessModes: string[];
  reviewers: string[];
  minApprovals: string;
  distinctReviewers: boolean;
  forceApproveGroups: string[];
  requireReason: boolean;
  window: string;
  expire: string;
  /** Variables that are set or replaced; values of the others are known to nobody here. */
  setEnv: Pair[];
  removeEnv: string[];
  allowEnv: string[];
  tags: Pair[];
  /** Whether reviewers are asked in Slack; the channels are kept by the page of Slack's settings. */
  slack: boolean;
  maxRuntime: string;
  maxDuration: string;
  idle: string;
  maxOutput: string;
  maxInput: string;
  maxRuns: string;
  keep: string;
}

export type FormField = keyof ConnectionForm;

/** The defaults of the gateway. */
export const emptyForm: ConnectionForm = {
  name: '',
  agent: '',
  command: '',
  runAs: '',
  accessModes: ['exec', 'connect'],
  reviewers: [],
  minApprovals: '0',
  distinctReviewers: false,
  forceApproveGroups: [],
  requireReason: false,
  window: '',
  expire: '1d',
  setEnv: [],
  removeEnv: [],
  allowEnv: [],
  tags: [],
  slack: false,
  maxRuntime: '0s',
  maxDuration: '2d',
  idle: '0s',
  maxOutput: '1GiB',
  maxInput: '8MiB',
  maxRuns: '0',
  keep: '0s',
};

export function formOf(view: ConnectionView): ConnectionForm {
  return {
    name: view.name,
    agent: view.agent,
    command: wordsText(view.command),
    runAs: view.runAs ?? '',
    accessModes: sessionKinds.filter((kind) => view.accessModes.includes(kind)),
    reviewers: view.reviewers,
    minApprovals: String(view.minApprovals),
    distinctReviewers: view.distinctReviewers,
    forceApproveGroups: view.forceApproveGroups,
    requireReason: view.requireReason,
    window: view.window ?? '',
    expire: view.expire,
    setEnv: [],
    removeEnv: [],
    allowEnv: view.allowEnv,
    tags: Object.entries(view.tags).map(([name, value]) => ({ name, value })),
    slack: view.plugins.some(({ name }) => name === 'slack'),
    maxRuntime: view.maxRuntime,
    maxDuration: view.maxDuration,
    idle: view.idle,
    maxOutput: exactSize(view.maxOutput),
    maxInput: exactSize(view.maxInput),
    maxRuns: String(view.maxRuns),
    keep: view.keep,
  };
}

export const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

export const changedFields = (base: ConnectionForm, form: ConnectionForm): FormField[] =>
  (Object.keys(form) as FormField[]).filter((field) => !isSame(base[field], form[field]));

/** What cannot even be sent, by field. */
export function formProblems(form: ConnectionForm): Partial<Record<FormField, string>> {
  const problems: Partial<Record<FormField, string>> = {};
  const words = parseWords(form.command);
  if ('problem' in words) problems.command = words.problem;
  for (const field of ['maxOutput', 'maxInput'] as const) {
    if (parseSize(form[field]) === null) problems[field] = 'Write a size such as 500k, 100MB or 2G.';
  }
  for (const field of ['minApprovals', 'maxRuns'] as const) {
    if (!/^\d{1,6}$/.test(form[field].trim())) problems[field] = 'Write a whole number, such as 2.';
  }
  for (const field of ['setEnv', 'tags'] as const) {
    const names = form[field].map(({ name }) => name.trim());
    const twice = names.find((name, at) => name !== '' && names.indexOf(name) !== at);
    if (names.includes('')) problems[field] = 'Each needs a name; remove the ones that are not meant.';
    else if (twice !== undefined) problems[field] = `${twice} is there twice.`;
  }
  return problems;
}

/** Only what changed is sent; of a new connection also what it cannot do without. */
export function changeOf(base: ConnectionForm, form: ConnectionForm, isNew: boolean): ConnectionChange {
  const change: ConnectionChange = { name: form.name.trim() };
  if (isNew && form.agent !== '') change.agent = form.agent;
  for (const field of changedFields(base, form)) Object.assign(change, sent(field, form));
  if (isNew) change.command ??= [];
  return change;
}

function sent(field: FormField, form: ConnectionForm): Partial<ConnectionChange> {
  switch (field) {
    case 'command': {
      const words = parseWords(form.command);
      return 'problem' in words ? {} : { command: words };
    }
    case 'maxOutput':
    case 'maxInput':
      return { [field]: parseSize(form[field]) ?? 0 };
    case 'minApprovals':
    case 'maxRuns':
      return { [field]: Number(form[field]) };
    case 'tags':
      return { tags: Object.fromEntries(form.tags.map(({ name, value }) => [name.trim(), value])) };
    case 'setEnv':
    case 'removeEnv':
      return {
        changeEnv: Object.fromEntries<string | null>([
          ...form.removeEnv.map((name): [string, null] => [name, null]),
          ...form.setEnv.map(({ name, value }): [string, string] => [name.trim(), value]),
        ]),
      };
    case 'slack':
      return { plugins: form.slack ? [{ name: 'slack' }] : [] };
    case 'runAs':
    case 'window':
    case 'expire':
    case 'maxRuntime':
    case 'maxDuration':
    case 'idle':
    case 'keep':
      return { [field]: form[field].trim() };
    case 'accessModes':
      return { accessModes: form.accessModes.filter((mode) => mode === 'exec' || mode === 'connect') };
    case 'name':
      return {};
    default:
      return { [field]: form[field] };
  }
}

/** Theirs, but for what was changed here. */
export function rebased(base: ConnectionForm, mine: ConnectionForm, theirs: ConnectionForm): ConnectionForm {
  const kept = Object.fromEntries(changedFields(base, mine).map((field) => [field, mine[field]]));
  return { ...theirs, ...kept };
}

export const fieldLabels: Readonly<Record<FormField, string>> = {
  name: 'Name',
  agent: 'Agent',
  command: 'Command',
  runAs: 'Run as user',
  accessModes: 'May be used by',
  reviewers: 'Reviewer groups',
  minApprovals: 'People who must approve, at least',
  distinctReviewers: 'A different person for each group',
  forceApproveGroups: 'Groups that may force an approval',
  requireReason: 'Who asks must give a reason',
  window: 'Time window',
  expire: 'Requests wait at most',
  setEnv: 'Variables',
  removeEnv: 'Variables',
  allowEnv: 'Variables that requests may set although they change how programs load',
  tags: 'Tags',
  slack: 'Ask reviewers in Slack',
  maxRuntime: 'Longest run time of a command',
  maxDuration: 'Longest grant',
  idle: 'End a terminal that is idle for',
  maxOutput: 'Most output of a command',
  maxInput: 'Most standard input',
  maxRuns: 'Commands at once',
  keep: 'Keep recordings for',
};

/** A value of the form in words, for who compares two of them. */
export function valueText(value: ConnectionForm[FormField]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value === '' ? 'none' : value;
  const items = value.map((item) => (typeof item === 'string' ? item : `${item.name}=${item.value}`));
  return items.join(', ') || 'none';
}

const fieldOfInput: Readonly<Record<string, FormField>> = { env: 'setEnv', changeEnv: 'setEnv', plugins: 'slack' };

/** The field of the form for one of the input; null: there is none. */
export function formField(inputField: string): FormField | null {
  const field = fieldOfInput[inputField] ?? inputField;
  return field in fieldLabels ? (field as FormField) : null;
}

/** By field, from a refusal such as `keep: must be whole days; maxRuns: must be at most 10000.` */
export function refusalsOf(message: string): { field: string; message: string }[] {
  return message
    .replace(/\.$/, '')
    .split(/; (?=[a-zA-Z]+[\w.[\]-]*: )/)
    .map((text) => {
      const match = /^([a-zA-Z]+)[^\s:]*: (.*)$/s.exec(text);
      return { field: match?.[1] ?? '', message: text };
    });
}
