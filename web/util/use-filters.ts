import { useSearchParams } from 'wouter';

/** Filters that live in the address: those that are set, and how to set one; an empty one is left out. */
export function useFilters<Name extends string>(
  names: readonly Name[],
): [Partial<Record<Name, string>>, (changes: Partial<Record<Name, string>>) => void] {
  const [search, setSearch] = useSearchParams();
  const set: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = search.get(name);
    if (value) set[name] = value;
  }
  const change = (changes: Partial<Record<Name, string>>) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries<string | undefined>(changes)) {
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      },
      { replace: true },
    );
  return [set, change];
}
