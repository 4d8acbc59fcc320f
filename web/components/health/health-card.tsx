import { Anchor, Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useId } from 'react';
import { Link } from 'wouter';
import type { HealthFact, HealthPart, HealthThing } from '#shared/health-schemas.ts';
import { healthTitles } from '#shared/health-titles.ts';
import { Fact, Facts } from '../../ui/facts.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { When } from '../../ui/when.tsx';
import { formatBytes } from '../../util/bytes.ts';
import { pageOfPart, stateWords } from './health-words.ts';
import classes from './health.module.css';

/** One part: how it is, what to do, and what it is made of. */
export function HealthCard({ part: { part, state, summary, advice, facts, things, link } }: { part: HealthPart }) {
  const id = useId();
  const page = pageOfPart[part];
  return (
    <Paper component="section" withBorder p="md" radius="md" aria-labelledby={id} className={classes.card}>
      <Stack gap="sm">
        <Group justify="space-between" gap="sm" wrap="nowrap" align="flex-start">
          <Title order={2} size="h4" id={id} tabIndex={-1}>
            {healthTitles[part]}
          </Title>
          <State state={state} />
        </Group>
        <Text size="sm">
          <VisibleText>{summary}</VisibleText>
        </Text>
        {advice.map((sentence) => (
          <Text key={sentence} size="sm" className={classes.advice}>
            {sentence}
          </Text>
        ))}
        <FactList facts={facts} />
        {things.length > 0 && (
          <ul className={classes.things}>
            {things.map((thing, at) => (
              <Thing key={at} thing={thing} />
            ))}
          </ul>
        )}
        {(page || link !== null) && (
          <Group gap="md">
            {page && (
              <Anchor component={Link} href={page.href} size="sm">
                {page.label}
              </Anchor>
            )}
            {link !== null && (
              <Anchor href={link} size="sm" target="_blank" rel="noreferrer">
                Temporal’s page
              </Anchor>
            )}
          </Group>
        )}
      </Stack>
    </Paper>
  );
}

function State({ state }: { state: HealthPart['state'] }) {
  const { label, color } = stateWords[state];
  return (
    <Badge variant="dot" color={color} tt="none" style={{ flexShrink: 0 }}>
      {label}
    </Badge>
  );
}

function Thing({ thing: { name, state, summary, facts } }: { thing: HealthThing }) {
  return (
    <li className={classes.thing}>
      <Group justify="space-between" gap="sm" wrap="nowrap" align="flex-start">
        <Text size="sm" fw={600}>
          <VisibleText>{name}</VisibleText>
        </Text>
        {state !== 'ok' && <State state={state} />}
      </Group>
      <Text size="sm" mb={4}>
        <VisibleText>{summary}</VisibleText>
      </Text>
      <FactList facts={facts} />
    </li>
  );
}

function FactList({ facts }: { facts: HealthFact[] }) {
  if (facts.length === 0) return null;
  return (
    <Facts>
      {facts.map((fact) => (
        <Fact key={fact.name} name={fact.name}>
          <Value fact={fact} />
        </Fact>
      ))}
    </Facts>
  );
}

function Value({ fact: { kind, value } }: { fact: HealthFact }) {
  if (kind === 'time') return <When at={value} />;
  if (kind === 'bytes') return formatBytes(Number(value));
  return <VisibleText>{value}</VisibleText>;
}
