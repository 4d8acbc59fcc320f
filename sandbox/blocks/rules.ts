/** Checks with Slack's wording. A rule looks at one value and reports each problem with the JSON pointer to it. */

export interface Report {
  (message: string, pointer: string): void;
}
export type Rule = (value: unknown, pointer: string, report: Report) => void;
type Fields = Record<string, Rule | Optional>;
interface Optional {
  optional: Rule;
}

export const optional = (rule: Rule): Optional => ({ optional: rule });
export const anything: Rule = () => {};

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A string of `min` to `max` characters (UTF-16 units, as Slack counts them). */
export function string(max: number, min = 0): Rule {
  return (value, pointer, report) => {
    if (typeof value !== 'string') report('must be a string', pointer);
    else if (value.length > max) report(`must be less than ${max + 1} characters`, pointer);
    else if (value.length < min) report(`must be more than ${min - 1} characters`, pointer);
  };
}

/** A string of a form that `shape` describes. */
export function matching(pattern: RegExp, shape: string): Rule {
  return (value, pointer, report) => {
    if (typeof value !== 'string' || !pattern.test(value)) report(`must match the format ${shape}`, pointer);
  };
}

export const boolean: Rule = (value, pointer, report) => {
  if (typeof value !== 'boolean') report('must be a boolean', pointer);
};

export function integer(min: number, max: number): Rule {
  return (value, pointer, report) => {
    if (!Number.isInteger(value)) report('must be an integer', pointer);
    else if (Number(value) < min) report(`must be greater than ${min - 1}`, pointer);
    else if (Number(value) > max) report(`must be less than ${max + 1}`, pointer);
  };
}

export function among(...values: string[]): Rule {
  return (value, pointer, report) => {
    if (!values.includes(String(value))) report(`must be one of: ${values.join(', ')}`, pointer);
  };
}

export const url: Rule = (value, pointer, report) => {
  string(3000, 1)(value, pointer, report);
  if (typeof value !== 'string' || URL.canParse(value)) return;
  report('must be a valid url', pointer);
};

export function list(item: Rule, max: number, min = 1): Rule {
  return (value, pointer, report) => {
    if (!Array.isArray(value)) return report('must be an array', pointer);
    if (value.length > max) return report(`no more than ${max} items allowed`, pointer);
    if (value.length < min) return report(`no less than ${min} items required`, pointer);
    value.forEach((entry, index) => item(entry, `${pointer}/${index}`, report));
  };
}

/** An object with just these fields, `type` apart. */
export function object(fields: Fields): Rule {
  return (value, pointer, report) => {
    if (!isObject(value)) return report('must be an object', pointer);
    for (const [name, field] of Object.entries(fields)) {
      const present = value[name] !== undefined && value[name] !== null;
      if ('optional' in field) {
        if (present) field.optional(value[name], `${pointer}/${name}`, report);
      } else if (present) field(value[name], `${pointer}/${name}`, report);
      else report(`missing required field: ${name}`, pointer);
    }
    for (const name of Object.keys(value)) {
      if (name !== 'type' && !(name in fields)) report(`invalid additional property: ${name}`, pointer);
    }
  };
}

/** One of several kinds of object, told apart by `type`. */
export function byType(kinds: Record<string, Rule>): Rule {
  return (value, pointer, report) => {
    if (!isObject(value)) return report('must be an object', pointer);
    if (typeof value.type !== 'string') return report('missing required field: type', pointer);
    const rule = Object.hasOwn(kinds, value.type) ? kinds[value.type] : undefined;
    if (rule) rule(value, pointer, report);
    else report(`unsupported type: ${value.type}`, `${pointer}/type`);
  };
}

/** Several rules on the same value. */
export function all(...rules: Rule[]): Rule {
  return (value, pointer, report) => rules.forEach((rule) => rule(value, pointer, report));
}
