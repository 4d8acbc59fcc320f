import { useEffect, useRef, useState } from 'react';
import type { Client } from './api.ts';
import { Avatar } from './avatar.tsx';
import { addressOf, type Go, type Place } from './place.ts';

/**
 * Several people beside each other. Each column is this page again, as somebody else: what one of them opens, a modal
 * or a thread, is nobody else's. Where there is no room for two, one is shown at a time.
 */
export function Beside({ client, place, go }: { client: Client; place: Place; go: Go }) {
  const [front, setFront] = useState(0);
  const columns = useRef<HTMLElement>(null);
  const find = (who: string) => client.people.find(({ id, name }) => id === who || name === who);
  const shown = [...new Set([place.as, ...place.with.split(',')].map(find))].filter((person) => person !== undefined);
  const others = client.people.filter((person) => !shown.includes(person));
  const [start] = useState(place.channel);
  const names = shown.map(({ realName }) => realName).join(' and ');
  useEffect(() => {
    document.title = `${names} · Slack sandbox`;
  }, [names]);
  const show = (people: typeof shown) => {
    const [first, ...rest] = people.map(({ name }) => name);
    setFront(Math.max(0, people.length - 1));
    go({ as: first ?? '', with: rest.join(',') });
  };
  const bring = (index: number) => {
    setFront(index);
    columns.current?.querySelectorAll('iframe')[index]?.focus();
  };
  return (
    <div className="beside">
      <header>
        <ul aria-label="Shown beside each other">
          {shown.map((person, index) => (
            <li key={person.id} className={index === front ? 'front' : ''}>
              <button type="button" aria-current={index === front} onClick={() => bring(index)}>
                <Avatar name={person.realName} id={person.id} />
                {person.realName}
              </button>
              <button
                type="button"
                aria-label={`Close ${person.realName}`}
                onClick={() => show(shown.filter((entry) => entry !== person))}
              >
                ✕
              </button>
            </li>
          ))}
        </ul>
        {others.map((person) => (
          <button key={person.id} type="button" className="add" onClick={() => show([...shown, person])}>
            + {person.realName.split(' ')[0]}
          </button>
        ))}
      </header>
      <main className="columns" ref={columns}>
        <h1 className="unseen">{names}</h1>
        {shown.map((person, index) => (
          <iframe
            key={person.id}
            className={index === front ? 'front' : ''}
            title={person.realName}
            src={`./${addressOf({ as: person.name, channel: start })}`}
          />
        ))}
      </main>
    </div>
  );
}
