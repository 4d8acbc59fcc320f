import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { SignInRequestView } from '#shared/sign-in-schemas.ts';
import { Fact, Facts } from '../ui/facts.tsx';
import { Problem } from '../ui/problem.tsx';
import { Section } from '../ui/section.tsx';
import { Mono, VisibleText } from '../ui/visible-text.tsx';
import { When } from '../ui/when.tsx';
import { hasCode } from '../data/ask.ts';

interface Props {
  request: SignInRequestView;
  /** Shown above the machine, e.g. the code to compare. */
  code?: string;
  /** How one knows a sign-in that one started oneself. */
  children: ReactNode;
  pending: 'confirm' | 'deny' | undefined;
  error: unknown;
  onDecide: (verdict: 'confirm' | 'deny') => void;
}

/** Which machine asks to act as whom, and the choice. */
export function SignInRequest({ request, code, children, pending, error, onDecide }: Props) {
  const { host, address, email, createdAt, expiresAt } = request;
  return (
    <Stack>
      <Text>
        The <Mono>hoop</Mono> command in a terminal asks to sign in. Once you confirm, it acts as{' '}
        <strong>
          <VisibleText>{email}</VisibleText>
        </strong>{' '}
        for 90 days, or until somebody types <Mono>hoop logout</Mono> there.
      </Text>
      <Section title="Who asks">
        <Facts>
          {code !== undefined && (
            <Fact name="Code">
              <Mono>{code}</Mono>
            </Fact>
          )}
          <Fact name="Machine">
            <strong>
              <VisibleText>{host}</VisibleText>
            </strong>{' '}
            <Text span size="sm" c="dimmed">
              (as it calls itself)
            </Text>
          </Fact>
          <Fact name="Address">
            <Mono>{address}</Mono>
          </Fact>
          <Fact name="Asked">
            <When at={createdAt} />
          </Fact>
        </Facts>
      </Section>
      <Alert color="orange" title="Did you start this yourself?">
        {children}
      </Alert>
      {error !== null && error !== undefined && (
        <Problem
          error={error}
          title={hasCode(error, 'unreachable') ? 'It is not known whether this was decided' : 'Not decided'}
        />
      )}
      <Group gap="sm">
        <Button loading={pending === 'confirm'} disabled={pending === 'deny'} onClick={() => onDecide('confirm')}>
          Confirm
        </Button>
        <Button
          variant="default"
          loading={pending === 'deny'}
          disabled={pending === 'confirm'}
          onClick={() => onDecide('deny')}
        >
          Deny
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        It can be confirmed once. It expires <When at={expiresAt} />.
      </Text>
    </Stack>
  );
}
