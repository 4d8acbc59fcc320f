import { Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { absoluteTime } from '../util/time.ts';

const lastMinutesMs = 2 * 60_000;

/** How long something still lasts: by the minute, and at the end by the second. */
export function Remaining({ until }: { until: string }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, Date.parse(until) - now);
  const isShort = left < lastMinutesMs;
  return (
    <Text size="sm" fw={isShort ? 600 : undefined} c={isShort ? 'var(--hoop-bad)' : undefined}>
      <time dateTime={until} title={absoluteTime(until)}>
        {leftText(left)}
      </time>
    </Text>
  );
}

function leftText(ms: number): string {
  if (ms === 0) return 'its time is over';
  const seconds = Math.ceil(ms / 1000);
  if (ms < lastMinutesMs) return `${seconds} ${seconds === 1 ? 'second' : 'seconds'} left`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} minutes left` : `${Math.floor(minutes / 60)} hours left`;
}
