import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { PluginView } from '#shared/api-schemas.ts';
import { Loading } from '../../ui/loading.tsx';
import { Problem } from '../../ui/problem.tsx';
import { slackQuery } from '../../data/slack.ts';
import { RefusingChannels } from './refusing-channels.tsx';
import { RemoveSlack } from './remove-slack.tsx';
import { SlackState } from './slack-state.tsx';
import { TestMessage } from './test-message.tsx';
import { TokenForm } from './token-form.tsx';

/** The tokens, and what became of them. */
export function Configurations() {
  const { data, error, refetch } = useQuery(slackQuery);
  if (data === undefined) {
    return error ? (
      <Problem error={error} title="The configuration cannot be shown" onRetry={() => void refetch()} />
    ) : (
      <Loading what="the configuration of Slack" rows={5} />
    );
  }
  return (
    <Stack>
      {data === null && (
        <Text>
          hoop is not connected to Slack yet. The tab Set up says how the app is made and where its tokens are found.
        </Text>
      )}
      <TokenForm plugin={data} />
      {data && <Configured plugin={data} />}
    </Stack>
  );
}

function Configured({ plugin }: { plugin: PluginView }) {
  return (
    <>
      <SlackState plugin={plugin} />
      <RefusingChannels channels={plugin.channels} />
      <TestMessage />
      <RemoveSlack />
    </>
  );
}
