import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { paths, type SessionDetail } from '#shared/api-schemas.ts';
import { withQuery } from '../data/ask.ts';

/** What a session recorded, as files; the gateway names them. */
export function Downloads({ session: { id, outputBytes, recordingRemovedAt } }: { session: SessionDetail }) {
  if (outputBytes === 0 || recordingRemovedAt !== null) return null;
  const output = paths.outputFile(id);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />}>
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={output} download>
          Output
        </Menu.Item>
        <Menu.Item component="a" href={withQuery(output, { stream: 'stdout' })} download>
          Only stdout
        </Menu.Item>
        <Menu.Item component="a" href={withQuery(output, { stream: 'stderr' })} download>
          Only stderr
        </Menu.Item>
        <Menu.Item component="a" href={paths.castFile(id)} download>
          Recording (asciicast)
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
