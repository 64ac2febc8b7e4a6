import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JsonRecord } from '../../engine/index.ts'
import { ensureViews, type ViewSpec } from '../../server/stores/synced-views.ts'
import { onBothStands, seed } from './seeded.ts'

const PAYMENTS = 'payment-gateway/payments'
const folder = mkdtempSync(join(tmpdir(), 'onefold-views-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const payment = (at: number): JsonRecord => ({
  id: `pay_${at}`,
  amount: at === 0 ? 9_007_199_254_740_991 : at === 1 ? null : -at,
  currency: at === 2 ? null : 'EUR',
  captured: at === 3 ? null : at % 2 === 0,
  created_at: new Date(Date.UTC(2025, 0, 1, 12, 0, at, 250)).toISOString(),
  description: at === 4 ? 'nul \u0000, \\u0000 and "quotes"' : null,
  customer: at === 5 ? null : { id: `cus_${at}`, email: `a${at}@acme.test` },
  refunds: at === 6 ? [{ id: 're_1', amount: 1 }] : null,
  metadata: { order: String(at) },
})

onBothStands(
  (stand, url) => {
    const records = Array.from({ length: 12 }, (_, at) => payment(at))
    beforeAll(async () => {
      await seed(stand(), { account: 'acme-1', of: PAYMENTS, records })
      await seed(stand(), {
        account: 'acme-1',
        of: 'payment-gateway/payouts',
        records: [{ id: 'po_1', arrival_date: '2025-02-28' }],
      })
    })

    /** Asks the database as any program would: not through Onefold. */
    const ask = async (query: string): Promise<JsonRecord[]> => {
      const address = url()
      if (address === null) {
        const file = new BetterSqlite(join(folder, 'onefold.db'), { readonly: true })
        const rows = file.prepare(query).safeIntegers(true).all() as JsonRecord[]
        file.close()
        return rows
      }
      const client = new pg.Client(address)
      await client.connect()
      const { rows } = await client.query(query)
      await client.end()
      return rows
    }

    it('have the rows of the API: money, nulls, times and truth', async () => {
      const rows = await ask('select * from payment_gateway_payments order by created_at desc')
      const { body } = await stand().call(
        'GET',
        `/unified/${PAYMENTS}?integrated_account_id=acme-1&source=synced&limit=100`,
      )
      expect(rows).toHaveLength(records.length)
      const isSqlite = url() === null
      const plain = (row: JsonRecord) => ({
        id: row.id,
        amount: row.amount === null ? null : BigInt(row.amount as string),
        currency: row.currency,
        captured: row.captured === null ? null : isSqlite ? row.captured === 1n : row.captured,
        created_at: new Date(row.created_at as string).toISOString(),
        customer: row.customer_id,
        email: row.customer_email,
        refunds: typeof row.refunds === 'string' ? JSON.parse(row.refunds) : row.refunds,
        metadata: typeof row.metadata === 'string' ? JSON.parse(row.metadata) : row.metadata,
      })
      const wanted = body.result.map((record: JsonRecord) => {
        const customer = record.customer as JsonRecord | null
        return {
          id: record.id,
          amount: record.amount === null ? null : BigInt(record.amount as number),
          ...{ currency: record.currency, captured: record.captured, created_at: record.created_at },
          ...{ customer: customer?.id ?? null, email: customer?.email ?? null },
          ...{ refunds: record.refunds, metadata: record.metadata },
        }
      })
      expect(rows.map(plain)).toEqual(wanted)
      const account = {
        environment_id: 'default',
        integrated_account_id: 'acme-1',
        tenant_id: 'tenant-1',
        integration: 'acme',
      }
      expect(rows[0]).toMatchObject(account)
      expect(new Date(rows[0]?.synced_until as string).getTime()).toBeLessThanOrEqual(stand().clock.now())
      const odd = rows.find(({ id }) => id === 'pay_4')?.description
      expect(String(odd).replaceAll('\u0000', '')).toBe('nul , \\u0000 and "quotes"')
    })

    it('add up, and tell civil dates and changes', async () => {
      const [sum] = await ask(`select currency, sum(amount) as total from payment_gateway_payments
        where currency = 'EUR' group by currency`)
      expect(String(sum?.total)).toBe(String(9_007_199_254_740_991n - BigInt(3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 + 11)))
      const [payout] = await ask('select id, cast(arrival_date as text) as day from payment_gateway_payouts')
      expect(payout).toEqual({ id: 'po_1', day: '2025-02-28' })
      const changes = await ask("select * from synced_change_log where resource = 'payments' order by seq")
      expect(changes.map(({ change, record_id: id }) => [change, id])).toEqual(records.map(({ id }) => ['added', id]))
    })

    it('are there for every resource of the models', async () => {
      for (const model of stand().server.services.engine.catalog().models.values()) {
        for (const { name } of model.resources.values()) {
          expect(await ask(`select count(*) as n from ${model.name.replaceAll('-', '_')}_${name}`)).toHaveLength(1)
        }
      }
    })

    it('grow with the model: what they have keeps its place, also when the model has it no more', async () => {
      const { database } = stand().server.services.stores
      const spec = (...names: string[]): ViewSpec => ({
        ...{ name: 'shop_things', model: 'payment-gateway', resource: 'payments' },
        columns: names.map((name) => ({ name, path: name, kind: name === 'amount' ? 'integer' : 'text' })),
      })
      await ensureViews(database, [spec('id', 'currency')])
      await ensureViews(database, [spec('amount', 'id')])
      await ensureViews(database, [spec('amount', 'id')])
      const [row = {}] = await ask("select * from shop_things where id = 'pay_3'")
      expect(Object.keys(row).slice(-3)).toEqual(['id', 'currency', 'amount'])
      expect(String(row.amount)).toBe('-3')
    })
  },
  { ONEFOLD_DATA: folder },
)
