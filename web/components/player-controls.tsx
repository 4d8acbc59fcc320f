import { ActionIcon, Alert, Checkbox, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useState, type KeyboardEvent } from 'react';
import { messageOf } from '../data/ask.ts';
import type { PlayerStatus, RecordingPlayer } from '../util/recording-player.ts';
import { clock } from '../util/time.ts';
import classes from './player-controls.module.css';

const speeds = [0.5, 1, 2, 4, 8];
const pauses = [1, 2, 5, 10];
/** With an arrow, in milliseconds. */
const stepMs = 5000;

/** Play, pause, go anywhere; faster or slower, with or without long pauses. */
export function PlayerControls({ player, status }: { player: RecordingPlayer; status: PlayerStatus }) {
  const [speed, setSpeed] = useState('1');
  const [pause, setPause] = useState('');
  const [showTyped, setShowTyped] = useState(false);
  const { playing, busy, position, total, size, typed, error } = status;
  const Icon = playing ? IconPlayerPause : IconPlayerPlay;
  return (
    <Stack gap="xs" role="group" aria-label="Player">
      {error !== null && (
        <Alert color="red" p="xs">
          {messageOf(error)}
        </Alert>
      )}
      <div className={classes.bar}>
        <ActionIcon
          size="lg"
          aria-label={playing ? 'Pause' : 'Play'}
          onClick={() => (playing ? player.pause() : player.play())}
        >
          <Icon size={18} aria-hidden />
        </ActionIcon>
        <input
          type="range"
          className={classes.seek}
          aria-label="Position"
          aria-valuetext={`${clock(position)} of ${clock(total)}`}
          min={0}
          max={Math.max(1, total)}
          step={1}
          value={Math.round(position)}
          onChange={({ currentTarget }) => player.seek(Number(currentTarget.value))}
          onKeyDown={(event) => onSeekKey(event, player, status)}
        />
        <Text size="sm" ff="monospace" className={classes.time}>
          {clock(position)} / {clock(total)}
        </Text>
      </div>
      <Group gap="md" align="center">
        <NativeSelect
          size="xs"
          aria-label="Speed"
          data={speeds.map((value) => ({ value: String(value), label: `${value}x` }))}
          value={speed}
          onChange={({ currentTarget: { value } }) => {
            setSpeed(value);
            player.setSpeed(Number(value));
          }}
        />
        <NativeSelect
          size="xs"
          aria-label="Pauses"
          data={[
            { value: '', label: 'All pauses' },
            ...pauses.map((value) => ({ value: String(value), label: `Skip pauses over ${value} s` })),
          ]}
          value={pause}
          onChange={({ currentTarget: { value } }) => {
            setPause(value);
            player.setLongestPause(value === '' ? Infinity : Number(value) * 1000);
          }}
        />
        <Checkbox
          size="xs"
          label="Show what was typed"
          checked={showTyped}
          onChange={({ currentTarget }) => setShowTyped(currentTarget.checked)}
        />
        <Text size="xs" c="dimmed">{`${size.columns}×${size.rows}`}</Text>
        <Text size="xs" c="dimmed" role="status">
          {busy ? 'Loading…' : ''}
        </Text>
      </Group>
      {showTyped && (
        <pre className={classes.typed} tabIndex={0} role="region" aria-label="Typed">
          {typed === '' ? 'Nothing was typed until here.' : typed}
        </pre>
      )}
    </Stack>
  );
}

/** Arrows by seconds, and not by the steps of the bar. */
function onSeekKey(event: KeyboardEvent, player: RecordingPlayer, { position, total, playing }: PlayerStatus): void {
  const by: Record<string, number> = {
    ArrowLeft: -stepMs,
    ArrowDown: -stepMs,
    ArrowRight: stepMs,
    ArrowUp: stepMs,
    PageDown: -total / 10,
    PageUp: total / 10,
  };
  const step = by[event.key];
  if (step !== undefined) player.seek(position + step);
  else if (event.key === ' ' && playing) player.pause();
  else if (event.key === ' ') player.play();
  else return;
  event.preventDefault();
}
