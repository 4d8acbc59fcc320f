import { Button, Kbd, Stack, Switch, Table, Text } from '@mantine/core';
import { Dialog } from '../ui/dialog.tsx';
import { keysSetting, useKeysOn } from '../util/use-keys.ts';

interface Props {
  keys: ReadonlyArray<readonly [key: string, what: string]>;
  onClose: () => void;
}

/** What the keys of a page do, and the switch that turns them off. */
export function KeysHelp({ keys, onClose }: Props) {
  const on = useKeysOn();
  return (
    <Dialog title="Keys" opened onClose={onClose}>
      <Stack>
        <Table aria-label="Keys" withRowBorders={false} verticalSpacing={4}>
          <Table.Tbody>
            {keys.map(([key, what]) => (
              <Table.Tr key={key}>
                <Table.Th scope="row" w={110}>
                  {key.split(' ').map((one) => (
                    <Kbd key={one} mr={4}>
                      {one}
                    </Kbd>
                  ))}
                </Table.Th>
                <Table.Td>{what}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Text size="sm" c="dimmed">
          They do nothing while you type or a dialog is open.
        </Text>
        <Switch
          label="Use these keys in this browser"
          checked={on}
          onChange={({ currentTarget }) => keysSetting.set(currentTarget.checked)}
        />
      </Stack>
    </Dialog>
  );
}

/** On a screen with a keyboard; the keys work without it. */
export function KeysButton({ onClick }: { onClick: () => void }) {
  return (
    <Button variant="subtle" size="compact-sm" onClick={onClick} visibleFrom="sm">
      Keys
    </Button>
  );
}
