import type { Json } from '../../model.ts';
import type { Client } from '../api.ts';
import { plainOf } from '../text/text-object.tsx';

export interface Option {
  value: string;
  label: string;
  note: string;
  group?: string | undefined;
}

const option = (entry: Json, group?: string): Option => ({
  value: String(entry.value),
  label: plainOf(entry.text),
  note: plainOf(entry.description),
  group,
});

/** What an element offers: its own options, or people and channels. */
export function optionsFor(element: Json, { people, channels }: Client): Option[] {
  const groups = (element.option_groups ?? []) as { label: unknown; options: Json[] }[];
  const named = (id: string, label: string): Option => ({ value: id, label, note: '' });
  const type = String(element.type);
  if (type.endsWith('users_select')) return people.map(({ id, realName }) => named(id, realName));
  if (/(channels|conversations)_select$/.test(type)) return channels.map(({ id, name }) => named(id, `#${name}`));
  return [
    ...((element.options ?? []) as Json[]).map((entry) => option(entry)),
    ...groups.flatMap((group) => group.options.map((entry) => option(entry, plainOf(group.label)))),
  ];
}

/** The values that are chosen at first. */
export function initialOf(element: Json): string[] {
  const options = [element.initial_option, ...((element.initial_options ?? []) as unknown[])].filter(Boolean) as Json[];
  const ids = [element.initial_user, element.initial_channel, element.initial_conversation].filter(Boolean);
  return [...options.map((entry) => entry.value), ...ids].map(String);
}
