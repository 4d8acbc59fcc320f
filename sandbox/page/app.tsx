import { useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import { Beside } from './beside.tsx';
import { usePlace } from './place.ts';
import { WhoAreYou } from './who.tsx';
import { Workspace } from './workspace.tsx';

export function App() {
  const { place, go } = usePlace();
  const client = useQuery({
    queryKey: ['client', place.as],
    queryFn: () => api.client(place.as),
    enabled: place.as !== '',
    // A sandbox that is being started again answers soon.
    retry: (_failures, error) => 'code' in error && error.code === 'unreachable',
    retryDelay: 500,
  });
  if (place.as === '' || (client.isError && !client.data)) {
    return <WhoAreYou problem={client.error?.message} onPick={(as) => go({ as, thread: '' })} />;
  }
  if (!client.data) {
    const problem = client.failureReason?.message;
    return <p className="loading">{problem ? `${problem} Trying again…` : 'Loading the workspace…'}</p>;
  }
  if (place.with) return <Beside client={client.data} place={place} go={go} />;
  return <Workspace key={client.data.me.id} client={client.data} place={place} go={go} />;
}
