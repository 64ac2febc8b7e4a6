import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { SYSTEM_CLOCK } from '../../server/clock.ts'
import { openJobs } from '../../server/jobs/index.ts'
import { createMetrics } from '../../server/metrics.ts'
import type { Stores } from '../../server/stores/index.ts'
import { listeningLog } from '../http/stand.ts'
import { onBothDatabases, openAt, T0 } from './backends.ts'

const MARK = 'plain-secret-'
const secret = (of: string) => new Secret({ api_key: `${MARK}${of}`, refresh_token: `${MARK}refresh-${of}` })

/** Puts a secret into every place that holds one. Answers values that are shown once and kept as hashes. */
async function fill(stores: Stores): Promise<string[]> {
  const account = { integration: 'acme', tenantId: 't', status: 'active', authenticationMethod: 'key' } as const
  for (const id of ['kept', 'gone'])
    await stores.accounts.create('default', { ...account, id, credentials: secret(id) }, T0)
  await stores.accounts.update('default', 'kept', { credentials: secret('changed') }, { now: T0 })
  const renewed = { tokenVersion: 2, credentials: secret('renewed'), expiresAt: T0, renewAt: T0, now: T0 }
  expect(await stores.grants.replace('default', 'kept', renewed)).toBe(true)
  await stores.accounts.delete('default', 'gone', {
    now: T0,
    follow: async (trx, of, left) => {
      if (left !== null) await stores.partings.begin(trx, of, left, T0)
    },
  })
  await stores.oauthApps.set({ environmentId: 'default', integration: 'acme', method: 'oauth' }, secret('app'), T0)
  const made = await stores.tokens.createApi({ environmentId: 'default', role: 'read', name: 'api' }, T0)
  const link = { tenantId: 't', integrations: null, integratedAccountId: null, redirectUri: null, origin: null }
  const { value, link: opened } = await stores.links.create(
    'default',
    { ...link, scopes: null, context: {}, expiresAt: T0 + 60_000 },
    T0,
  )
  const cookie = await stores.links.openSession(opened, T0, T0 + 60_000)
  const session = await stores.links.session(cookie.reveal(), T0)
  const kept = { fields: secret('form').reveal(), codeVerifier: `${MARK}verifier` }
  const flow = { integration: 'acme', method: 'oauth', window: 'page', kept, sessionId: session?.id ?? '' } as const
  const ticket = await stores.oauthFlows.begin({ ...flow, expiresAt: T0 + 60_000 }, T0)
  const attempt = { environmentId: 'default', integratedAccountId: 'kept', operation: 'o', key: 'k' }
  const whole = { ...attempt, tenantId: 't', bodyHash: 'h', providerKey: 'p', leaseMs: 1, ttlMs: 60_000 }
  const begun = await stores.idempotency.begin(whole, T0)
  if (begun.state !== 'new') throw new Error('not new')
  await stores.idempotency.complete(attempt, begun.lease, { status: 200, headers: {}, body: `${MARK}answer` })
  return [made.value.reveal(), value.reveal(), cookie.reveal(), ticket.reveal()]
}

onBothDatabases((backend) => {
  it('no secret stands in any column of any table, as it is or in another writing', async () => {
    const place = await backend.place()
    const stores = await openAt(place)
    const { database } = stores
    const means = { clock: SYSTEM_CLOCK, log: listeningLog(), metrics: createMetrics() }
    const jobs = await openJobs(database, { ...means, random: { next: Math.random, id: () => 'x' } })
    stores.grantTimes.follow((trx, { environmentId, accountId: id, renewAt: runAt }) =>
      jobs.enqueue(trx, { name: 'grant.renew', payload: { id }, environmentId, runAt }),
    )
    const shown = await fill(stores)
    await stores.requests.flush()
    const tables = await database.db.introspection.getTables({ withInternalKyselyTables: true })
    const rows: string[] = []
    for (const { schema, name } of tables) {
      const table = schema === undefined ? sql.table(name) : sql.id(schema, name)
      const found = await sql<object>`select * from ${table}`.execute(database.db)
      rows.push(...found.rows.map((row) => `${schema ?? ''}.${name} ${JSON.stringify(row)}`))
    }
    for (const filled of [
      'partings',
      'oauth_flows',
      'oauth_apps',
      'idempotency_records',
      'integrated_accounts',
      'jobs',
    ]) {
      expect(
        rows.some(
          (row) => row.startsWith(`.${filled} `) || row.includes(`.${filled} `) || row.includes('_private_jobs '),
        ),
      ).toBe(true)
    }
    const writings = [MARK, ...shown].flatMap((value) => [value, Buffer.from(value).toString('hex')])
    const encoded = [0, 1, 2].map((at) =>
      Buffer.from(`${'x'.repeat(at)}${MARK}`)
        .toString('base64')
        .slice(at === 0 ? 0 : 4, -4),
    )
    for (const writing of [...writings, ...encoded]) expect(rows.filter((row) => row.includes(writing))).toEqual([])
  })
})
