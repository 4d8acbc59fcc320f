import { Badge, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { ConnectionView } from '#shared/api-schemas.ts';
import { whoApproves } from '#shared/policy-sentence.ts';
import { Online } from '../../ui/online.tsx';
import { Mono, VisibleText } from '../../ui/visible-text.tsx';
import { pages } from '../../util/paths.ts';
import { wordsText } from '../../util/words.ts';
import rows from '../session-row.module.css';
import classes from './connections.module.css';

/** Connections one under the other, each a link to its page. */
export function ConnectionList({ connections }: { connections: ConnectionView[] }) {
  return (
    <ul className={rows.list} aria-label="Connections">
      {connections.map((connection) => (
        <li key={connection.id}>
          <ConnectionRow connection={connection} />
        </li>
      ))}
    </ul>
  );
}

function ConnectionRow({ connection }: { connection: ConnectionView }) {
  const { name, command, agent, agentOnline, accessModes, tags, window, warnings } = connection;
  return (
    <Link href={pages.connection(name)} className={rows.row}>
      <div className={rows.top}>
        <span className={rows.connection}>
          <VisibleText>{name}</VisibleText>
        </span>
        <Text span size="sm" ta="right">
          <VisibleText>{agent}</VisibleText> (<Online online={agentOnline} />)
        </Text>
      </div>
      <Text component="div" size="sm" lineClamp={2}>
        <Mono>{wordsText(command)}</Mono>
      </Text>
      <div className={rows.about}>
        <VisibleText>{whoApproves(connection)}</VisibleText>
        {window !== null && (
          <>
            {' Runs only '}
            <VisibleText>{window}</VisibleText>.
          </>
        )}
      </div>
      <div className={classes.tags}>
        {accessModes.map((mode) => (
          <Badge key={mode} variant="default" size="sm" tt="none">
            {mode}
          </Badge>
        ))}
        {Object.entries(tags).map(([key, value]) => (
          <Badge key={key} variant="outline" color="gray" size="sm" tt="none" c="dimmed">
            <VisibleText>{value === '' ? key : `${key}=${value}`}</VisibleText>
          </Badge>
        ))}
      </div>
      {warnings.map((warning) => (
        <div key={warning} className={classes.warning}>
          <IconAlertTriangle size={14} aria-label="Warning:" className={classes.sign} />{' '}
          <VisibleText>{warning}</VisibleText>
        </div>
      ))}
    </Link>
  );
}
