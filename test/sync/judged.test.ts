import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, it } from 'vitest'
import type { JsonRecord } from '../../engine/index.ts'
import { ADMIN } from '../http/stand.ts'
import { tempFolder } from '../stores/backends.ts'
import { NOT_INSTALLED } from '../support/official-cli.ts'
import { onBothStands, seed } from './seeded.ts'

const PAYMENTS = 'payment-gateway/payments'
const JUDGE = process.env.ONEFOLD_TEST_FILE_JUDGE
const COUNT = 5_200
const BIG = 9_007_199_254_740_991

const payment = (at: number): JsonRecord => ({
  id: `pay_${String(at).padStart(5, '0')}`,
  amount: at === 3 ? BIG : at === 4 ? -BIG : at % 5 === 0 ? null : at - 50,
  currency: at % 7 === 0 ? null : at % 2 === 0 ? 'EUR' : 'JPY',
  created_at: new Date(Date.UTC(2025, 0, 1, 0, 0, 0, at % 1_000) + at * 1_000).toISOString(),
  captured: at % 3 === 0 ? null : at % 2 === 0,
  description: at % 4 === 0 ? null : at === 9 ? '' : `Zeile ${at}\r\n"ü", 'x'; \\N`,
  customer: at % 6 === 0 ? null : { id: `cus_${at}`, name: null, email: `a${at}@acme.test` },
})

/** What both kinds of file hold of a record, as the judge writes values: integers as digits. */
const expected = (record: JsonRecord) => {
  const customer = record.customer as JsonRecord | null
  return {
    id: record.id,
    amount: record.amount === null ? null : String(record.amount),
    currency: record.currency,
    captured: record.captured,
    description: record.description,
    customer: customer?.email ?? null,
  }
}

onBothStands((stand) => {
  const records = Array.from({ length: COUNT }, (_, at) => payment(at))
  beforeAll(() => seed(stand(), { account: 'acme-1', of: PAYMENTS, records }))

  it.for(['parquet', 'csv'])('DuckDB reads %s: money with every digit, nulls, empty text', async (kind, { skip }) => {
    if (JUDGE === undefined) return skip(`${NOT_INSTALLED}: DuckDB`)
    const fields = 'fields=id,amount,currency,created_at,captured,description,customer.email'
    const path = `/unified/${PAYMENTS}/export?integrated_account_id=acme-1&as=${kind}&${fields}`
    const answer = await fetch(`${stand().url}${path}`, { headers: { authorization: `Bearer ${ADMIN}` } })
    const file = join(tempFolder(), `payments.${kind}`)
    writeFileSync(file, Buffer.from(await answer.arrayBuffer()))
    const args = [join(import.meta.dirname, 'judge.mjs'), JUDGE, file, kind]
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 28 })
    const { rows, types, sums } = JSON.parse(stdout)
    expect(rows).toHaveLength(COUNT)
    const mail = kind === 'parquet' ? 'customer_email' : 'customer.email'
    const seen = rows.map(({ id, amount, currency, captured, description, [mail]: customer }: JsonRecord) => ({
      ...{ id, amount, currency, captured, description, customer },
    }))
    seen.sort((a: JsonRecord, b: JsonRecord) => (String(a.id) < String(b.id) ? -1 : 1))
    expect(seen).toEqual(records.map(expected))
    expect(types).toMatchObject({ id: 'VARCHAR', amount: 'BIGINT', captured: 'BOOLEAN' })
    if (kind === 'parquet') expect(types.created_at).toMatch(/^TIMESTAMP/)
    const totals = new Map<unknown, bigint>()
    for (const { currency, amount } of records.filter((one) => one.amount !== null)) {
      totals.set(currency, (totals.get(currency) ?? 0n) + BigInt(amount as number))
    }
    expect(new Map(sums.map(({ currency, total }: JsonRecord) => [currency, BigInt(String(total))]))).toEqual(totals)
  })
})
