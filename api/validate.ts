/** Input at the edge: what does not fit is refused with the field's name and what to change. */
import type { z } from 'zod';
import { HoopError } from '#shared/errors.ts';

const mostIssues = 5;

/** `value` as the schema gives it. Throws `invalid_input` that names each field that is wrong. */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const texts = [...new Set(issues.slice(0, mostIssues).map(describe))];
  const more = issues.length > mostIssues ? `; and ${issues.length - mostIssues} more` : '';
  throw new HoopError('invalid_input', `${texts.join('; ')}${more}.`);
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const [one, ...others] = issue.keys.map((key) => JSON.stringify(key.slice(0, 60)));
    return others.length > 0 ? `${one}, ${others.join(', ')} are no fields here` : `${one} is no field here`;
  }
  return `${fieldName(issue.path)}: ${sentence(issue)}`;
}

function fieldName(path: PropertyKey[]): string {
  if (path.length === 0) return 'the request';
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i > 0 ? '.' : ''}${String(part)}`))
    .join('');
}

/** Our own schemas say what to change in their messages; this says it for those of zod. */
function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${article(issue.expected)}`;
    case 'invalid_union':
      return issue.input === undefined ? 'is missing' : 'has none of the forms that are allowed';
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'too_big':
      return `must ${issue.origin === 'string' ? 'have at most' : 'be at most'} ${issue.maximum}${unit(issue.origin)}`;
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty';
      if (!issue.message.startsWith('Too small')) return issue.message;
      return `must ${issue.origin === 'string' ? 'have at least' : 'be at least'} ${issue.minimum}${unit(issue.origin)}`;
    case 'invalid_format':
      return issue.format === 'uuid' ? 'must be a UUID' : issue.message;
    default:
      return issue.message;
  }
}

function article(expected: string): string {
  const names: Record<string, string> = {
    int: 'a whole number',
    array: 'a list',
    record: 'an object',
    nan: 'a number',
  };
  return names[expected] ?? `${/^[aeiou]/.test(expected) ? 'an' : 'a'} ${expected}`;
}

function unit(origin: string): string {
  return { string: ' characters', array: ' items' }[origin] ?? '';
}
