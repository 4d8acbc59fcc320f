/** Table `cli_sign_ins`: what `hoop login` asked for, and what became of it. */
import type { Queryable } from './pool.ts';

interface Asked {
  id: string;
  host: string;
  address: string;
  createdAt: Date;
  expiresAt: Date;
  verdict: 'confirm' | 'deny' | null;
  userId: string | null;
  usedAt: Date | null;
}

export interface BrowserSignInRow extends Asked {
  challenge: string;
  state: string;
  port: number;
  codeExpiresAt: Date | null;
}

export interface DeviceSignInRow extends Asked {
  intervalSeconds: number;
  askedAt: Date | null;
}

const asked = `id, host, address, created_at as "createdAt", expires_at as "expiresAt", verdict, user_id as "userId",
  used_at as "usedAt"`;
const browser = `select ${asked}, challenge, state, port, code_expires_at as "codeExpiresAt" from cli_sign_ins
  where flow = 'browser'`;
const device = `select ${asked}, interval_seconds as "intervalSeconds", asked_at as "askedAt" from cli_sign_ins
  where flow = 'device'`;

type New<Row> = Pick<Row & Asked, 'host' | 'address' | 'createdAt' | 'expiresAt'>;

/** Gives the id. */
export async function insertBrowserSignIn(
  db: Queryable,
  row: New<BrowserSignInRow> & Pick<BrowserSignInRow, 'challenge' | 'state' | 'port'>,
): Promise<string> {
  const inserted = await db.query<{ id: string }>(
    `insert into cli_sign_ins (flow, host, address, created_at, expires_at, challenge, state, port)
     values ('browser', $1, $2, $3, $4, $5, $6, $7) returning id`,
    [row.host, row.address, row.createdAt, row.expiresAt, row.challenge, row.state, row.port],
  );
  return inserted.rows[0]?.id ?? '';
}

/** False: the short code is one that is out already. */
export async function insertDeviceSignIn(
  db: Queryable,
  row: New<DeviceSignInRow> & { deviceCodeHash: string; userCodeMac: string },
): Promise<boolean> {
  const inserted = await db.query(
    `insert into cli_sign_ins (flow, host, address, created_at, expires_at, device_code_hash, user_code_mac)
     values ('device', $1, $2, $3, $4, $5, $6) on conflict (user_code_mac) do nothing`,
    [row.host, row.address, row.createdAt, row.expiresAt, row.deviceCodeHash, row.userCodeMac],
  );
  return inserted.rowCount === 1;
}

export async function deleteSignInsBefore(db: Queryable, time: Date): Promise<void> {
  await db.query('delete from cli_sign_ins where expires_at < $1', [time]);
}

/** Nobody else decides or uses it until the transaction ends; so of the other two below. */
export async function lockBrowserSignIn(tx: Queryable, id: string): Promise<BrowserSignInRow | undefined> {
  return (await tx.query<BrowserSignInRow>(`${browser} and id = $1 for update`, [id])).rows[0];
}

export async function lockByCode(tx: Queryable, codeHash: string): Promise<BrowserSignInRow | undefined> {
  return (await tx.query<BrowserSignInRow>(`${browser} and code_hash = $1 for update`, [codeHash])).rows[0];
}

export async function lockByUserCode(tx: Queryable, mac: string): Promise<DeviceSignInRow | undefined> {
  return (await tx.query<DeviceSignInRow>(`${device} and user_code_mac = $1 for update`, [mac])).rows[0];
}

export async function lockByDeviceCode(tx: Queryable, hash: string): Promise<DeviceSignInRow | undefined> {
  return (await tx.query<DeviceSignInRow>(`${device} and device_code_hash = $1 for update`, [hash])).rows[0];
}

/** Who decided the request of a code, without holding up anybody. */
export async function findConfirmer(
  db: Queryable,
  of: { codeHash: string } | { deviceCodeHash: string },
): Promise<string | undefined> {
  const [column, hash] = 'codeHash' in of ? ['code_hash', of.codeHash] : ['device_code_hash', of.deviceCodeHash];
  const found = await db.query<{ userId: string | null }>(
    `select user_id as "userId" from cli_sign_ins where ${column} = $1`,
    [hash],
  );
  return found.rows[0]?.userId ?? undefined;
}

export async function decideSignIn(
  tx: Queryable,
  id: string,
  decision: {
    verdict: 'confirm' | 'deny';
    userId: string;
    code?: { hash: string; expiresAt: Date } | undefined;
  },
): Promise<void> {
  await tx.query(
    'update cli_sign_ins set verdict = $2, user_id = $3, code_hash = $4, code_expires_at = $5 where id = $1',
    [id, decision.verdict, decision.userId, decision.code?.hash ?? null, decision.code?.expiresAt ?? null],
  );
}

export async function useSignIn(tx: Queryable, id: string, at: Date): Promise<void> {
  await tx.query('update cli_sign_ins set used_at = $2 where id = $1', [id, at]);
}

/** Notes that the token was asked for, and how long the machine has to leave between two requests from now on. */
export async function noteAsked(tx: Queryable, id: string, at: Date, intervalSeconds: number): Promise<void> {
  await tx.query('update cli_sign_ins set asked_at = $2, interval_seconds = $3 where id = $1', [
    id,
    at,
    intervalSeconds,
  ]);
}

/** What this person confirmed and no machine has used yet counts no more. */
export async function endSignInsOf(tx: Queryable, userId: string): Promise<void> {
  await tx.query('delete from cli_sign_ins where user_id = $1 and used_at is null', [userId]);
}
