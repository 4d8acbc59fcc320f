import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { auditProblemText, type AuditCheck, type AuditVerdict } from '#shared/audit-schemas.ts';
import { healthAdvice } from '#shared/health-advice.ts';
import { Problem } from '../../ui/problem.tsx';
import { Section } from '../../ui/section.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { When } from '../../ui/when.tsx';
import { auditCheckQuery, verifyAudit, type VerifyProgress } from '../../data/audit.ts';

const counted = new Intl.NumberFormat('en');
const rowsText = (rows: number): string => `${counted.format(rows)} ${rows === 1 ? 'row' : 'rows'}`;

/** Walks the chain when told to, says how far it is, and names the first row that is broken. */
export function VerifyCard({ onShowRow }: { onShowRow: (row: number) => void }) {
  const client = useQueryClient();
  const last = useQuery(auditCheckQuery);
  const [progress, setProgress] = useState<VerifyProgress | null>(null);
  const walk = useRef<AbortController>(undefined);
  useEffect(() => () => walk.current?.abort(), []);
  const verifying = useMutation({
    mutationFn: () => {
      walk.current = new AbortController();
      return verifyAudit(setProgress, walk.current.signal);
    },
    onMutate: () => setProgress(null),
    onSuccess: () => client.invalidateQueries({ queryKey: ['audit'] }),
  });
  const shown = verifying.data ?? last.data?.last ?? null;

  return (
    <Section title="Verification">
      <Group justify="space-between" align="flex-start" gap="sm">
        <Text size="sm" style={{ flex: '1 1 20rem' }}>
          Each row holds a hash over itself and the row before it: a row that was changed in the database, or taken away
          from between others, is found. What cannot be found here is that the newest rows were cut off, or that all
          rows from one on were written anew; an export that is kept elsewhere tells.
        </Text>
        <Button variant="default" loading={verifying.isPending} onClick={() => verifying.mutate()}>
          Verify
        </Button>
      </Group>
      {verifying.isPending && <Walked progress={progress} />}
      {verifying.isError && <Problem error={verifying.error} title="Not verified" />}
      {/* There before it speaks, so that screen readers read it out. */}
      <div role="status">
        {!verifying.isPending && shown && <Verdict verdict={shown} onShowRow={onShowRow} />}
        {!verifying.isPending && !shown && last.data && <Text size="sm">Nobody has verified it yet.</Text>}
      </div>
      {!verifying.isPending && last.data?.last && <LastCheck last={last.data.last} />}
    </Section>
  );
}

function Walked({ progress }: { progress: VerifyProgress | null }) {
  const percent = progress === null || progress.of === 0 ? 0 : (100 * progress.rows) / progress.of;
  return (
    <Stack gap={4}>
      <Progress value={percent} aria-label="Rows verified" animated />
      <Text size="sm" c="dimmed">
        {progress === null ? 'Reading…' : `${rowsText(progress.rows)} of ${counted.format(progress.of)}`}
      </Text>
    </Stack>
  );
}

function Verdict({ verdict, onShowRow }: { verdict: AuditVerdict; onShowRow: (row: number) => void }) {
  const { ok, rows, firstBroken, problem } = verdict;
  if (ok) return <Alert color="green" title={`${rowsText(rows)}, unbroken`} />;
  const row = firstBroken ?? 0;
  return (
    <Alert color="red" title={`Broken at row ${row}`}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{auditProblemText(row, problem)}</Text>
        <Text size="sm">Rows after it were not read. {healthAdvice.audit_broken}</Text>
        <Button variant="default" size="xs" onClick={() => onShowRow(row)}>
          {`Show row ${row}`}
        </Button>
      </Stack>
    </Alert>
  );
}

function LastCheck({ last }: { last: NonNullable<AuditCheck['last']> }) {
  return (
    <Text size="sm" c="dimmed">
      Verified <When at={last.at} exact /> by <VisibleText>{last.by}</VisibleText>.
    </Text>
  );
}
