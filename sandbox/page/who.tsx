import { useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import { Avatar } from './avatar.tsx';
import { addressOf } from './place.ts';

/** The first thing one sees: whom to be. */
export function WhoAreYou({ problem, onPick }: { problem: string | undefined; onPick: (as: string) => void }) {
  const workspace = useQuery({ queryKey: ['workspace'], queryFn: api.workspace });
  const [first, second] = workspace.data?.people ?? [];
  return (
    <main className="who">
      <h1>Slack sandbox</h1>
      <p>
        A stand-in for Slack on this machine. Nothing here leaves it, and anyone can be anyone. Open several tabs to be
        several people.
      </p>
      {(problem ?? workspace.error) && <p className="problem">{problem ?? workspace.error?.message}</p>}
      <h2>Who are you?</h2>
      <ul>
        {workspace.data?.people.map((person) => (
          <li key={person.id}>
            <a
              href={addressOf({ as: person.name })}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                event.preventDefault();
                onPick(person.name);
              }}
            >
              <Avatar name={person.realName} id={person.id} />
              <span>
                <strong>{person.realName}</strong>
                <small>@{person.name}</small>
              </span>
            </a>
          </li>
        ))}
      </ul>
      {first && second && (
        <p>
          Or be{' '}
          <a href={addressOf({ as: first.name, with: second.name })}>
            {first.realName} and {second.realName} beside each other
          </a>
          .
        </p>
      )}
    </main>
  );
}
