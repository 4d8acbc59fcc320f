import { useCallback, useEffect, useState } from 'react';

/** Who one is and what is open; all of it in the address, so that several tabs are several people. */
export interface Place {
  as: string;
  channel: string;
  thread: string;
  /** Names or ids of people shown beside, with commas between. */
  with: string;
}

const read = (): Place => {
  const search = new URLSearchParams(location.search);
  const value = (name: string) => search.get(name) ?? '';
  return { as: value('as'), channel: value('channel'), thread: value('thread'), with: value('with') };
};

export function addressOf(place: Partial<Place>): string {
  const entries = Object.entries(place).filter(([, value]) => value);
  return `?${new URLSearchParams(Object.fromEntries(entries)).toString().replaceAll('%2C', ',')}`;
}

/** The same person, elsewhere. */
export const addressHere = (next: Partial<Place>): string => addressOf({ ...read(), ...next });

export type Go = (next: Partial<Place>) => void;

export function usePlace(): { place: Place; go: Go } {
  const [place, setPlace] = useState(read);
  useEffect(() => {
    const follow = () => setPlace(read());
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const go = useCallback<Go>((next) => {
    history.pushState(null, '', addressHere(next));
    setPlace(read());
  }, []);
  return { place, go };
}

/** Whether this page is one of several people shown beside each other. */
export const isColumn = (): boolean => window.parent !== window;
