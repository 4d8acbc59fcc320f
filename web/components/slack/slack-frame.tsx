import { Stack, Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { PageTitle } from '../../ui/page.tsx';
import { Trail, type Step } from '../../ui/trail.tsx';
import { pages } from '../../util/paths.ts';
import { AdminsOnly } from '../admins-only.tsx';

export type SlackTab = 'set-up' | 'configurations' | 'settings';

const addresses: Readonly<Record<SlackTab, string>> = {
  'set-up': pages.slack,
  configurations: pages.slackConfigurations,
  settings: pages.slackSettings,
};

interface Props {
  tab: SlackTab;
  title: string;
  trail: Step[];
  /** Panels of tabs. */
  children: ReactNode;
}

/** What the pages about Slack have in common: each tab has an address of its own. */
export function SlackFrame({ tab, title, trail, children }: Props) {
  const [, navigate] = useLocation();
  return (
    <Stack gap="md">
      <Stack gap={4}>
        <Trail steps={trail} />
        <PageTitle title={title} />
      </Stack>
      <AdminsOnly do="set up Slack">
        {/* Arrows move between the tabs, Enter opens one: some lead to another page. */}
        <Tabs
          value={tab}
          onChange={(chosen) => navigate(addresses[chosen as SlackTab])}
          activateTabWithKeyboard={false}
          keepMounted={false}
        >
          <Tabs.List mb="md">
            <Tabs.Tab value="set-up">Set up</Tabs.Tab>
            <Tabs.Tab value="configurations">Configurations</Tabs.Tab>
            <Tabs.Tab value="settings">Settings</Tabs.Tab>
          </Tabs.List>
          {children}
        </Tabs>
      </AdminsOnly>
    </Stack>
  );
}
