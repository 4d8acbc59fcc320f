import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { messageOf } from '../../data/ask.ts';
import { slackChannelsQuery } from '../../data/slack.ts';

const restMs = 150;

/** Public channels for what is typed, and a sentence where there is none to choose. */
export function useChannels(search: string, enabled: boolean): { names: string[]; notice: string; more: number } {
  const [settled] = useDebouncedValue(search.trim().slice(0, 100), restMs);
  const { data, error } = useQuery({ ...slackChannelsQuery(settled), enabled });
  const names = data?.channels.map(({ name }) => name) ?? [];
  return { names, notice: notice(data !== undefined, error), more: (data?.total ?? 0) - names.length };
}

function notice(isThere: boolean, error: unknown): string {
  if (error) return messageOf(error);
  return isThere ? 'No public channel has that in its name. A private one goes by its id.' : 'Asking Slack…';
}
