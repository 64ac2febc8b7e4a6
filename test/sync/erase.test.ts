import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JsonRecord } from '../../engine/index.ts'
import { toRow } from '../../server/sync/rows.ts'
import type { Stand } from '../http/stand.ts'
import { parseJsonLines } from '../support/json-lines.ts'
import { onBothStands, seed } from './seeded.ts'

const MARY = {
  id: 'cus_mary',
  email: "mary.o'neil@acme.test",
  name: 'Mary Oneil-Plainmark',
  created_at: '2025-01-01T00:00:00Z',
}
const BOB = { id: 'cus_bob', email: 'bob@acme.test', name: 'Bob', created_at: '2025-01-02T00:00:00Z' }
const AT = '2025-02-01T00:00:00Z'
const payment = (id: string, { id: customer, email, name }: typeof MARY) => ({
  ...{ id, amount: 100, currency: 'EUR', created_at: AT, description: `for ${name}` },
  customer: { id: customer, email, name },
})
const folder = mkdtempSync(join(tmpdir(), 'onefold-erase-'))

/** Puts a person into every place that may hold one. */
async function fill(stand: Stand, person: typeof MARY, account: string): Promise<void> {
  const { services } = stand.server
  const { stores } = services
  const now = stand.clock.now()
  const hook = { url: `${stand.upstream.origin}/hook`, event_types: ['invoice.overdue'] }
  const { id: webhook_id } = (await stand.call('POST', '/webhook', { body: hook })).body
  await seed(stand, { account, of: 'payment-gateway/customers', records: [person] })
  await seed(stand, { account, of: 'payment-gateway/payments', records: [payment(`pay_${person.id}`, person)] })
  const pair = [
    { accountId: account, customerId: person.id },
    { accountId: 'acme-9', customerId: 'cus_other' },
  ] as const
  const said = { pair, verdict: 'same', note: `${person.name} called`, madeBy: 'token:t' } as const
  await stores.identityVerdicts.put('default', said, now)
  await stores.database.db.transaction().execute(async (trx) => {
    const told = { accountId: account, type: 'customer.updated', apiVersion: null, source: 'webhook' as const }
    await stores.inbound.raw.put(
      trx,
      'default',
      [{ ...told, providerId: `evt_${person.id}`, value: { data: person } }],
      now,
    )
    const seen = {
      resource: 'payment-gateway/customers',
      recordId: person.id,
      at: now,
      isFetched: true,
      isSynced: false,
      hash: 'h',
    }
    await stores.inbound.seen.put(trx, 'default', account, [{ ...seen, record: person }], now)
    const about = { model: 'payment-gateway', resource: 'customers', recordId: person.id, occurredAt: now }
    const event = { type: 'record:updated', integratedAccountId: account, tenantId: 'tenant-1', integration: 'acme' }
    const [stored] = await stores.events.append(
      trx,
      'default',
      [{ ...event, livemode: false, data: person, about }],
      now,
    )
    const delivery = { environment_id: 'default', id: `dlv_${person.id}`, webhook_id, event_id: stored?.id ?? '' }
    const state = {
      event_type: 'record:updated',
      integrated_account_id: account,
      status: 'delivered',
      next_at: 0,
      lease: null,
    }
    const answer = { response: `thanks, ${person.email}`, error: null, response_status: 200, duration_ms: 1 }
    const times = { attempts: 1, attempted_at: now, created_at: now, delivered_at: now }
    await trx
      .insertInto('webhook_deliveries')
      .values({ ...delivery, ...state, ...answer, ...times })
      .execute()
  })
  const key = { environmentId: 'default', integratedAccountId: account, operation: 'o', key: `k-${person.id}` }
  const begun = await stores.idempotency.begin(
    { ...key, tenantId: 't', bodyHash: 'h', providerKey: 'p', leaseMs: 1, ttlMs: 9e9 },
    now,
  )
  if (begun.state === 'new')
    await stores.idempotency.complete(key, begun.lease, { status: 200, headers: {}, body: JSON.stringify(person) })
  const { body: token } = await stand.call('POST', '/api-token', { body: { role: 'read', name: 'agent' } })
  const subject = {
    environmentId: 'default',
    tokenId: token.id,
    integratedAccountId: account,
    operation: 'o',
    effect: 'write' as const,
  }
  const hashes = { requestHash: 'r', builtHash: 'b', definition: 'd', amount: null, currency: null }
  await stores.approvals.create(
    { ...subject, ...hashes, id: `apr_${person.id}`, policy: 'human', request: { body: person }, expiresAt: now + 9e9 },
    now,
  )
  const act = { actor: 'token:x', action: 'x', target: `integrated_account:${account}`, outcome: 'succeeded' as const }
  await stores.audit.record('default', { ...act, details: { arguments: { email: person.email } }, at: now })
  await stand.call(
    'GET',
    `/unified/payment-gateway/customers/${person.id}?integrated_account_id=${account}&source=synced`,
  )
  await stores.flush()
}

/** Every row of every table, and what they seal. */
async function everything({ server }: Stand): Promise<string[]> {
  const { database, idempotency, approvals } = server.services.stores
  const tables = await database.db.introspection.getTables({ withInternalKyselyTables: true })
  const rows: string[] = []
  for (const { schema, name } of tables) {
    const found =
      await sql<object>`select * from ${schema === undefined ? sql.table(name) : sql.id(schema, name)}`.execute(
        database.db,
      )
    rows.push(...found.rows.map((row) => `${name} ${JSON.stringify(row)}`))
  }
  for (const { id } of (await approvals.list('default')).result)
    rows.push(JSON.stringify(await approvals.request('default', id)))
  for (const person of [MARY, BOB]) {
    const key = { environmentId: 'default', integratedAccountId: 'acme-1', operation: 'o', key: `k-${person.id}` }
    const again = await idempotency.begin(
      { ...key, tenantId: 't', bodyHash: 'h', providerKey: 'p', leaseMs: 1, ttlMs: 1 },
      1,
    )
    rows.push(JSON.stringify(again))
  }
  return rows
}

const plain = (text: string) => [MARY.email, MARY.name, 'neil@acme'].some((mark) => text.includes(mark))

onBothStands(
  (stand, url) => {
    beforeAll(async () => {
      await fill(stand(), MARY, 'acme-1')
      await fill(stand(), BOB, 'acme-1')
      await fill(stand(), { ...MARY, id: 'cus_elsewhere' }, 'acme-2')
    })
    const ended = async (id: string) => {
      for (let turn = 0; turn < 3_000; turn++) {
        const { body } = await stand().call('GET', `/erase/${id}`)
        if (body.status !== 'waiting') return body
        await stand().clock.advance(100)
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      throw new Error('the erasure does not end')
    }
    const erase = async (body: JsonRecord) => ended((await stand().call('POST', '/erase', { body })).body.id)
    const customer = { email: "Mary.O'Neil@ACME.test" }
    const places = {
      ...{ synced_records: 2, seen_records: 1, inbound_events: 1, events: 1, webhook_deliveries: 1 },
      ...{ approvals: 1, idempotency_records: 1, request_log: 1, identity_verdicts: 1 },
    }

    it('is counted before it is done, and nothing is gone by that', async () => {
      const before = (await everything(stand())).filter(plain).length
      const done = await erase({ customer, integrated_account_id: 'acme-1', dry_run: true })
      expect(done).toMatchObject({ status: 'done', dry_run: true, counts: places })
      expect((await everything(stand())).filter(plain)).toHaveLength(before)
      expect(await stand().server.services.stores.database.db.selectFrom('erased_terms').selectAll().execute()).toEqual(
        [],
      )
    })

    it('can be exported: everything that is kept, and nothing of others', async () => {
      const { body } = await stand().call('POST', '/person-export', {
        body: { customer, integrated_account_id: 'acme-1' },
      })
      const entries = parseJsonLines(String(body))
      const found = new Set(entries.map((entry) => entry.in))
      expect([...found].sort()).toEqual([...Object.keys(places), 'audit_log'].sort())
      expect(String(body)).toContain(MARY.name)
      expect(String(body)).not.toContain(BOB.email)
      expect(String(body)).not.toContain('cus_elsewhere')
    })

    it('is gone from every table of the account, and others stay', async () => {
      const done = await erase({ customer, integrated_account_id: 'acme-1' })
      expect(done).toMatchObject({ status: 'done', dry_run: false, tenant_id: null, integrated_account_id: 'acme-1' })
      const left = (await everything(stand())).filter(plain)
      expect(left.filter((row) => !row.includes('acme-2') && !row.includes('cus_elsewhere'))).toEqual([])
      expect(left.length).toBeGreaterThan(3)
      const { body } = await stand().call(
        'GET',
        '/unified/payment-gateway/payments?integrated_account_id=acme-1&source=synced',
      )
      expect(body.result.map(({ id }: { id: string }) => id)).toEqual(['pay_cus_bob'])
      const changes = await stand().call(
        'GET',
        '/unified/payment-gateway/payments/changes?integrated_account_id=acme-1',
      )
      expect(changes.body.result.map(({ change, id }: JsonRecord) => `${change} ${id}`)).toEqual([
        'added pay_cus_bob',
        'deleted pay_cus_mary',
      ])
    })

    it('leaves an audit row without who it was', async () => {
      const { body } = await stand().call('GET', '/audit-log?action=person.*')
      expect(body.result.map(({ action }: JsonRecord) => action)).toEqual([
        'person.erase',
        'person.export',
        'person.erase',
      ])
      expect(plain(JSON.stringify(body))).toBe(false)
    })

    it('does not come back by events or runs, is counted, and comes back once that is lifted', async () => {
      const { services } = stand().server
      const { stores } = services
      const put = (value: JsonRecord, providerId: string) =>
        stores.database.db.transaction().execute((trx) => {
          const event = {
            accountId: 'acme-1',
            providerId,
            type: 'x',
            apiVersion: null,
            source: 'webhook' as const,
            value,
          }
          return stores.inbound.raw.put(trx, 'default', [event], 1)
        })
      expect((await put({ data: { customer: 'cus_mary' } }, 'e1')).size).toBe(0)
      expect((await put({ data: { customer: 'cus_bob' } }, 'e2')).size).toBe(1)
      const about = { model: 'payment-gateway', resource: 'payments', recordId: 'p', occurredAt: 1 }
      const event = {
        type: 'x',
        integratedAccountId: 'acme-1',
        tenantId: 'tenant-1',
        integration: 'acme',
        livemode: null,
      }
      await stores.database.db.transaction().execute(async (trx) => {
        expect(await stores.events.append(trx, 'default', [{ ...event, data: payment('p', MARY), about }], 1)).toEqual(
          [],
        )
        const seen = {
          resource: 'r',
          recordId: 'p',
          at: 1,
          isFetched: true,
          isSynced: false,
          hash: 'h',
          record: payment('p', MARY),
        }
        await stores.inbound.seen.put(trx, 'default', 'acme-1', [seen], 1)
      })
      const of = {
        environmentId: 'default',
        integratedAccountId: 'acme-1',
        model: 'payment-gateway',
        resource: 'payments',
      }
      const setId = (await stores.synced.find(of))?.id ?? 0
      const rows = [payment('pay_again', MARY), payment('pay_new', BOB)].map(toRow)
      const states = rows.map((row) => ({ setId, recordId: row.recordId, kept: undefined, row }))
      await stores.database.db.transaction().execute((trx) => stores.syncedTold.put(trx, states, 1))
      expect([...(await stores.synced.rows(setId, ['pay_again', 'pay_new'])).keys()]).toEqual(['pay_new'])
      const { body } = await stand().call('GET', '/erase?limit=1')
      expect(body.result[0].held_off).toBeGreaterThanOrEqual(3)
      const left = (await everything(stand())).filter(plain)
      expect(left.filter((row) => !row.includes('acme-2') && !row.includes('cus_elsewhere'))).toEqual([])
      expect((await stand().call('DELETE', `/erase/${body.result[0].id}`)).status).toBe(200)
      expect((await put({ data: { customer: 'cus_mary' } }, 'e1')).size).toBe(1)
    })

    it('is gone from the files of the database, once the whole environment is meant', async () => {
      await erase({ customer })
      expect((await everything(stand())).filter(plain)).toEqual([])
      if (url() !== null) return
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      const holding = files.filter((entry) =>
        plain(readFileSync(join(entry.parentPath, entry.name)).toString('latin1')),
      )
      expect(files.length).toBeGreaterThan(1)
      expect(holding.map(({ name }) => name)).toEqual([])
    })

    it('is for admins, and says what is missing', async () => {
      expect((await stand().call('POST', '/erase', { body: { customer: {} } })).body).toMatchObject({
        code: 'invalid_body',
      })
      const both = { customer, tenant_id: 't', integrated_account_id: 'acme-1' }
      expect((await stand().call('POST', '/erase', { body: both })).body).toMatchObject({ code: 'invalid_body' })
      const { token } = (await stand().call('POST', '/api-token', { body: { role: 'write', name: 'w' } })).body
      for (const path of ['/erase', '/person-export']) {
        expect((await stand().call('POST', path, { token, body: { customer } })).body).toMatchObject({
          code: 'forbidden',
        })
      }
    })
  },
  { ONEFOLD_DATA: folder },
)
afterAll(() => rmSync(folder, { recursive: true, force: true }))
