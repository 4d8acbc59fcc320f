import { Tabs } from '@mantine/core';
import { Configurations } from '../components/slack/configurations.tsx';
import { SetUpSteps } from '../components/slack/set-up-steps.tsx';
import { SlackFrame } from '../components/slack/slack-frame.tsx';
import type { PageProps } from '../routes.tsx';
import { NotFoundPage } from './not-found.tsx';

/** Integrations > Slack: how the app is made, and its tokens. */
export function SlackPage({ params: { tab = 'set-up' } }: PageProps) {
  if (tab !== 'set-up' && tab !== 'configurations') return <NotFoundPage />;
  return (
    <SlackFrame tab={tab} title="Slack" trail={[{ label: 'Integrations' }, { label: 'Slack' }]}>
      <Tabs.Panel value="set-up">
        <SetUpSteps />
      </Tabs.Panel>
      <Tabs.Panel value="configurations" keepMounted>
        {/* Kept: who reads the steps again loses nothing that was typed. */}
        <Configurations />
      </Tabs.Panel>
    </SlackFrame>
  );
}
