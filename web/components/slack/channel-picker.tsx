import { MultiSelect } from '@mantine/core';
import { useState } from 'react';
import { useChannels } from './use-channels.ts';

interface Props {
  value: string[];
  onChange: (channels: string[]) => void;
}

/** Chooses channels by their names in Slack, out of as many as there are; only those that fit are loaded. */
export function ChannelPicker({ value, onChange }: Props) {
  const [search, setSearch] = useState('');
  const [opened, setOpened] = useState(false);
  const { names, notice, more } = useChannels(search, opened);
  return (
    <MultiSelect
      label="Choose from Slack"
      description={more > 0 ? `Type a part of its name; ${more} more fit.` : 'Type a part of its name.'}
      placeholder={value.length === 0 ? '#ops' : undefined}
      data={[...new Set([...value, ...names])]}
      // the gateway has found them
      filter={({ options }) => options}
      value={value}
      onChange={(channels) => {
        onChange(channels);
        setSearch('');
      }}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      onDropdownOpen={() => setOpened(true)}
      nothingFoundMessage={notice}
      hidePickedOptions
      maxDropdownHeight={240}
      maxValues={50}
    />
  );
}
