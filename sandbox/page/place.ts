import { useCallback, useEffect, useState } from 'react';

/** Who one is and what is open; all of it in the address, so that several tabs are several people. */
export interface Place {
  as: string;
  channel: string;
  thread: string;
}

const read = (): Place => {
  const search = new URLSearchParams(location.search);
  const value = (name: string) => search.get(name) ?? '';
  return { as: value('as'), channel: value('channel'), thread: value('thread') };
};

export function addressOf(place: Partial<Place>): string {
  const entries = Object.entries(place).filter(([, value]) => value);
  return `?${new URLSearchParams(Object.fromEntries(entries))}`;
}

export function usePlace() {
  const [place, setPlace] = useState(read);
  useEffect(() => {
    const follow = () => setPlace(read());
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const go = useCallback((next: Partial<Place>) => {
    history.pushState(null, '', addressOf({ ...read(), ...next }));
    setPlace(read());
  }, []);
  return { place, go };
}
