import { parse } from 'csv-parse/sync'
import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet'
import { beforeAll, expect, it } from 'vitest'
import type { JsonRecord } from '../../engine/index.ts'
import { flatColumns } from '../../server/api/flat-columns.ts'
import { createApp } from '../../server/http/app.ts'
import { ADMIN, type Stand } from '../http/stand.ts'
import { onBothStands, seed } from './seeded.ts'

const PAYMENTS = 'payment-gateway/payments'
const COUNT = 11_000

const payment = (at: number): JsonRecord => ({
  id: `pay_${String(at).padStart(5, '0')}`,
  amount: at === 3 ? 9_007_199_254_740_991 : at % 5 === 0 ? null : at - 50,
  currency: at % 7 === 0 ? null : 'EUR',
  created_at: new Date(Date.UTC(2025, 0, 1, 0, 0, 0, at % 1_000) + at * 1_000).toISOString(),
  captured: at % 3 === 0 ? null : at % 2 === 0,
  description: at % 4 === 0 ? null : at === 9 ? '' : `Zeile ${at}\n"ü", =1+1`,
  customer: at % 6 === 0 ? null : { id: `cus_${at}`, name: null, email: `a${at}@acme.test` },
  refunds: at % 8 === 0 ? [{ id: 're_1', amount: at, status: 'succeeded' }] : null,
  metadata: { order: String(at) },
})

onBothStands((stand) => {
  let records: JsonRecord[]
  beforeAll(async () => {
    records = Array.from({ length: COUNT }, (_, at) => payment(at)).reverse()
    await seed(stand(), { account: 'acme-1', of: PAYMENTS, records })
    await seed(stand(), {
      account: 'acme-1',
      of: 'payment-gateway/payouts',
      records: [{ id: 'po_1', arrival_date: '2025-02-28' }],
    })
  })

  const bytesOf = async (of: string, query: string) => {
    const path = `http://127.0.0.1/unified/${of}/export?integrated_account_id=acme-1&${query}`
    const answer = await createApp((stand() as Stand).server.services).fetch(
      new Request(path, { headers: { authorization: `Bearer ${ADMIN}`, host: `127.0.0.1:${stand().server.port}` } }),
    )
    expect(answer.status).toBe(200)
    return { bytes: await answer.arrayBuffer(), type: answer.headers.get('content-type') }
  }

  it('is read back by another program and equals the records: money, nulls, times, nested values', async () => {
    const { bytes, type } = await bytesOf(PAYMENTS, 'as=parquet')
    expect(type).toBe('application/vnd.apache.parquet')
    const metadata = parquetMetadata(bytes)
    expect(metadata.row_groups.length).toBeGreaterThan(1)
    const rows = await parquetReadObjects({ file: bytes })
    expect(rows).toHaveLength(COUNT)
    for (const [at, record] of records.entries()) {
      const row = rows[at] as JsonRecord
      const customer = record.customer as JsonRecord | null
      expect([row.id, row.amount, row.currency, row.captured, row.description]).toEqual([
        record.id,
        record.amount === null ? null : BigInt(record.amount as number),
        record.currency,
        record.captured,
        record.description,
      ])
      expect((row.created_at as Date).toISOString()).toBe(record.created_at)
      expect([row.customer_id, row.customer_email]).toEqual([customer?.id ?? null, customer?.email ?? null])
      expect([row.refunds, row.metadata]).toEqual([record.refunds, record.metadata])
    }
    const types = new Map(parquetSchema(metadata).children.map(({ element }) => [element.name, element]))
    expect(types.get('amount')).toMatchObject({ type: 'INT64' })
    expect(types.get('created_at')).toMatchObject({ converted_type: 'TIMESTAMP_MILLIS' })
    expect(types.get('refunds')).toMatchObject({ converted_type: 'JSON' })
  })

  it('holds the same as CSV does', async () => {
    const query = 'fields=id,amount,customer.email,captured&format='
    const file = await bytesOf(PAYMENTS, `${query}parquet`)
    const csv = await bytesOf(PAYMENTS, `${query}csv`)
    const lines: Record<string, string>[] = parse(Buffer.from(csv.bytes), { columns: true })
    const rows = await parquetReadObjects({ file: file.bytes })
    const texts = rows.map((row) => Object.values(row).map((value) => (value === null ? '' : String(value))))
    expect(texts).toEqual(lines.map((line) => Object.values(line)))
  })

  it('has civil dates as dates, and a file of nothing is a file', async () => {
    const { bytes } = await bytesOf('payment-gateway/payouts', 'as=parquet')
    const [row = {}] = await parquetReadObjects({ file: bytes })
    expect((row.arrival_date as Date).toISOString()).toBe('2025-02-28T00:00:00.000Z')
    const nothing = await bytesOf('payment-gateway/payouts', 'as=parquet&id=none')
    expect(await parquetReadObjects({ file: nothing.bytes })).toEqual([])
  })

  it('no two fields of a resource have one column', () => {
    for (const model of stand().server.services.engine.catalog().models.values()) {
      for (const { schema } of model.resources.values()) {
        const names = flatColumns(schema).map(({ name }) => name)
        expect(names).toEqual([...new Set(names)])
      }
    }
  })
})
