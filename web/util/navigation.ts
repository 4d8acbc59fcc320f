/** The pages as the menu lists them; who may not use one does not see it. */
import {
  IconBrandSlack,
  IconHeartbeat,
  IconHistory,
  IconInbox,
  IconKey,
  IconListDetails,
  IconPlugConnected,
  IconPuzzle,
  IconServer,
  IconTerminal2,
  IconUsers,
} from '@tabler/icons-react';
import { pages } from './paths.ts';

export interface NavigationItem {
  label: string;
  href: string;
  icon: typeof IconInbox;
  /** Whether the item is that of a path, when that is more than the path itself and what lies under it. */
  matches?: (path: string) => boolean;
  /** What is counted beside it. */
  counts?: 'waiting';
}

export interface NavigationSection {
  /** Null: the first, without a title. */
  title: string | null;
  adminOnly: boolean;
  items: NavigationItem[];
}

export const navigation: NavigationSection[] = [
  {
    title: null,
    adminOnly: false,
    items: [
      {
        label: 'Reviews',
        href: pages.reviews,
        icon: IconInbox,
        matches: (path) => path === pages.home,
        counts: 'waiting',
      },
      { label: 'Sessions', href: pages.sessions(), icon: IconHistory },
      { label: 'Run', href: pages.run(), icon: IconTerminal2, matches: (path) => path.startsWith('/connect/') },
    ],
  },
  {
    title: 'Admin',
    adminOnly: true,
    items: [
      { label: 'Connections', href: pages.connections, icon: IconPlugConnected },
      { label: 'Agents', href: pages.agents, icon: IconServer },
      { label: 'Users', href: pages.users(), icon: IconUsers, matches: (path) => path === pages.groups },
      { label: 'Slack', href: pages.slack, icon: IconBrandSlack },
      { label: 'Manage plugins', href: pages.plugins, icon: IconPuzzle },
      { label: 'Audit log', href: pages.audit(), icon: IconListDetails },
      { label: 'System health', href: pages.health, icon: IconHeartbeat },
    ],
  },
  {
    title: 'You',
    adminOnly: false,
    items: [{ label: 'API tokens', href: pages.tokens, icon: IconKey }],
  },
];

export const isAt = ({ href, matches }: NavigationItem, path: string): boolean =>
  path === href || path.startsWith(`${href}/`) || (matches?.(path) ?? false);
