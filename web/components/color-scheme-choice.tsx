import { SegmentedControl, Text, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';

const choices: { value: MantineColorScheme; label: string }[] = [
  { value: 'auto', label: 'Auto' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

/** How the console looks in this browser; `auto` follows the system. */
export function ColorSchemeChoice() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <Text id="appearance" size="xs" c="dimmed" fw={600} px="sm" pb={4}>
        Appearance
      </Text>
      <SegmentedControl
        aria-labelledby="appearance"
        fullWidth
        size="xs"
        data={choices}
        value={colorScheme}
        onChange={(value) => setColorScheme(value as MantineColorScheme)}
        transitionDuration={0}
      />
    </>
  );
}
