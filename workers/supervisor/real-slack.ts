import pg from 'pg';

const missingTable = '42P01';

/**
 * Whether the Slack plugin's tokens were verified at Slack itself. Those of the sandbox were verified at an address of
 * this machine; a database of before the first start has no plugin at all.
 */
export async function usesRealSlack(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ api_url: string | null }>(
      "select api_url from plugins where name = 'slack' and config_sealed is not null",
    );
    const url = rows[0]?.api_url;
    return url ? !['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname) : false;
  } catch (error) {
    if ((error as { code?: string }).code === missingTable) return false;
    throw error;
  } finally {
    await client.end();
  }
}
