import { Anchor, Code, List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { scopesOf } from '#shared/slack-admin-schemas.ts';
import { CopyBlock, CopyText } from '../../ui/copy-block.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { Loading } from '../../ui/loading.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Section } from '../../ui/section.tsx';
import { Mono } from '../../ui/visible-text.tsx';
import { slackManifestQuery } from '../../data/slack.ts';
import { pages } from '../../util/paths.ts';

const newApp = 'https://api.slack.com/apps?new_app=1';
const allApps = 'https://api.slack.com/apps';
const appScope = 'connections:write';

/** What hoop does with each; one that is not named here is part of the manifest and not in use. */
const uses: Readonly<Record<string, string>> = {
  'app_mentions:read': 'answers who mentions it',
  'channels:read': 'knows public channels by their names',
  'chat:write': 'posts requests and keeps them current',
  'chat:write.public': 'posts in public channels without an invitation',
  commands: '/hoop',
  'im:write': 'direct messages to people who subscribed',
};

/** The steps of the guide, from no app at all to both tokens. */
export function SetUpSteps() {
  const manifest = useQuery(slackManifestQuery);
  if (manifest.data) return <Steps manifest={manifest.data} />;
  if (manifest.isError) {
    return <Problem error={manifest.error} title="The steps cannot be shown" onRetry={() => void manifest.refetch()} />;
  }
  return <Loading what="the steps" rows={6} />;
}

function Steps({ manifest }: { manifest: Record<string, unknown> }) {
  return (
    <Stack>
      <Text>
        An admin of the Slack workspace makes an app for hoop; it takes a few minutes. hoop opens the connections to
        Slack: Slack needs no way in, and the gateway no public address.
      </Text>
      <Section title="1. Create the app from the manifest">
        <List type="ordered" size="sm" spacing={4}>
          <List.Item>Copy the manifest.</List.Item>
          <List.Item>
            Open <Outside href={newApp}>api.slack.com/apps</Outside>, choose <B>From a manifest</B> and the workspace.
          </List.Item>
          <List.Item>
            Choose <B>JSON</B>, paste the manifest in place of what is there, then <B>Next</B> and <B>Create</B>.
          </List.Item>
        </List>
        <CopyBlock text={JSON.stringify(manifest, null, 2)} label="the manifest" />
      </Section>
      <Section title="2. Install it, and find the bot token">
        <List type="ordered" size="sm" spacing={4}>
          <List.Item>
            In the app, open <B>Install App</B>, choose <B>Install to Workspace</B> and allow it.
          </List.Item>
          <List.Item>
            <B>OAuth &amp; Permissions</B> now shows the <B>Bot User OAuth Token</B>. It begins with <Code>xoxb-</Code>.
          </List.Item>
        </List>
        <Text size="sm">The bot has these scopes, all from the manifest. It reads no messages and no files.</Text>
        <Facts>
          {scopesOf(manifest).map((scope) => (
            <Fact key={scope} name={<Mono>{scope}</Mono>}>
              {uses[scope] ?? 'part of the manifest, not in use'}
            </Fact>
          ))}
        </Facts>
      </Section>
      <Section title="3. Make an app-level token">
        <List type="ordered" size="sm" spacing={4}>
          <List.Item>
            Open <B>Basic Information</B>, go down to <B>App-Level Tokens</B> and choose{' '}
            <B>Generate Token and Scopes</B>.
          </List.Item>
          <List.Item>
            Name it <Code>hoop</Code>, choose <B>Add Scope</B> and <Code>{appScope}</Code>.{' '}
            <CopyText text={appScope} label={`the scope ${appScope}`} />
          </List.Item>
          <List.Item>
            <B>Generate</B> shows the token. It begins with <Code>xapp-</Code>. You find it there again later.
          </List.Item>
        </List>
        <Text size="sm">
          Both tokens are of one app: <Outside href={allApps}>all apps of your account</Outside>.
        </Text>
      </Section>
      <Section title="4. Give both tokens to hoop">
        <Text size="sm">
          Enter them under{' '}
          <Anchor component={Link} href={pages.slackConfigurations} underline="always" inherit>
            Configurations
          </Anchor>
          . They are verified with Slack before anything is saved, sealed, and never shown again. Then choose the
          channels of each connection under{' '}
          <Anchor component={Link} href={pages.slackSettings} underline="always" inherit>
            Settings
          </Anchor>
          , and have everybody who reviews type <Code>/hoop subscribe</Code> in Slack.
        </Text>
      </Section>
    </Stack>
  );
}

const B = ({ children }: { children: ReactNode }) => <strong>{children}</strong>;

function Outside({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Anchor href={href} target="_blank" rel="noreferrer" underline="always" inherit>
      {children} (opens a new tab)
    </Anchor>
  );
}
