import { parse } from 'csv-parse/sync'
import { beforeAll, describe, expect, it } from 'vitest'
import { CUSTOMERS, openSyncStand, PAYOUTS, type SyncStand } from './stand.ts'

const OLD = Date.UTC(2025, 0, 1) / 1000
const LIST = '/unified/payment-gateway/customers?integrated_account_id=acme-s&source=synced'
const OF = 'integrated_account_id=acme-s'

let stand: SyncStand
let job: { id: string; run_id: string }

beforeAll(async () => {
  stand = await openSyncStand({}, false)
  stand.ledger.add(1_200, OLD, 60)
  Object.assign(stand.ledger.customers.get('cus_0000003') ?? {}, { name: '=cmd()', note: 'said "no",\nthen left' })
  for (let at = 0; at < 30; at++) {
    const amount = at === 7 ? -500 : (at * 37) % 101
    stand.ledger.payouts.set(`po_${at}`, { id: `po_${at}`, created: OLD + at, amount, currency: 'EUR' })
  }
  job = await stand.sync([CUSTOMERS, PAYOUTS])
  await stand.ended(job.run_id)
  return stand.shut
})

const ids = (answer: { body: { result: { id: string }[] } }) => answer.body.result.map(({ id }) => id)

describe('a list from synced data', () => {
  it('pages like a live one, says how old it is, and asks the provider nothing', async () => {
    const asked = stand.ledger.upstream.received.length
    await stand.clock.advance(5_000)
    const first = await stand.call('GET', `${LIST}&limit=700`)
    expect(first.body).toMatchObject({ result_count: 700, source: 'synced', is_partial_response: false })
    expect(first.body.age_seconds).toBeGreaterThanOrEqual(5)
    expect(Date.parse(first.body.observed_at)).toBeLessThan(stand.clock.now())
    expect(first.body.result[0]).toMatchObject({ id: 'cus_0001199', _meta: { observed_at: expect.any(String) } })
    const rest = await stand.call('GET', `${LIST}&limit=700&next_cursor=${first.body.next_cursor}`)
    expect(rest.body.next_cursor).toBeNull()
    const all = [...ids(first), ...ids(rest)]
    expect(all).toEqual([...stand.ledger.customers.keys()].reverse())
    expect(stand.ledger.upstream.received.length).toBe(asked)
  })

  it('answers filters and orders that the provider does not have', async () => {
    const since = new Date((OLD + 60 * 1_190) * 1_000).toISOString()
    expect(ids(await stand.call('GET', `${LIST}&created_at[gt]=${since}`))).toHaveLength(9)
    expect(ids(await stand.call('GET', `${LIST}&email=CUS_0000017@acme.test`))).toEqual(['cus_0000017'])
    expect(ids(await stand.call('GET', `${LIST}&q=0000017`))).toEqual(['cus_0000017'])
    expect(ids(await stand.call('GET', `${LIST}&sort=created_at&limit=2`))).toEqual(['cus_0000000', 'cus_0000001'])
    const sorted = `/unified/payment-gateway/payouts?${OF}&source=synced&sort=-amount&limit=12`
    const first = await stand.call('GET', sorted)
    const second = await stand.call('GET', `${sorted}&next_cursor=${first.body.next_cursor}`)
    const third = await stand.call('GET', `${sorted}&next_cursor=${second.body.next_cursor}`)
    const amounts = [first, second, third].flatMap(({ body }) =>
      body.result.map(({ amount }: { amount: number }) => amount),
    )
    expect(amounts).toEqual([...stand.ledger.payouts.values()].map(({ amount }) => amount ?? 0).sort((a, b) => b - a))
    expect(third.body.next_cursor).toBeNull()
  })

  it('goes on at its place in an order when the record there is gone, from a cursor that holds no record', async () => {
    const { db } = stand.server.services.stores.database
    const sorted = `/unified/payment-gateway/payouts?${OF}&source=synced&sort=-amount&limit=10`
    const first = await stand.call('GET', sorted)
    const wanted = ids(await stand.call('GET', `${sorted}&next_cursor=${first.body.next_cursor}`))
    expect(first.body.next_cursor.length).toBeLessThan(300)
    const [last = ''] = ids(first).slice(-1)
    const row = await db.deleteFrom('synced_records').where('record_id', '=', last).returningAll().executeTakeFirst()
    expect(ids(await stand.call('GET', `${sorted}&next_cursor=${first.body.next_cursor}`))).toEqual(wanted)
    if (row) await db.insertInto('synced_records').values(row).execute()
  })

  it('cuts records to the fields asked for, and refuses what only the provider can answer', async () => {
    expect((await stand.call('GET', `${LIST}&limit=1&fields=id,email`)).body.result).toEqual([
      { id: 'cus_0001199', email: 'cus_0001199@acme.test' },
    ])
    for (const asked of ['expand=payments', 'remote_data=true', 'format=raw', 'explain=true', 'truto_key_by=id']) {
      expect((await stand.call('GET', `${LIST}&${asked}`)).body).toMatchObject({ code: 'invalid_parameter' })
    }
    const foreign = (await stand.call('GET', `${LIST}&limit=1`)).body.next_cursor
    expect((await stand.call('GET', `${LIST}&limit=1&q=x&next_cursor=${foreign}`)).body.code).toBe('foreign_cursor')
    const disputes = `/unified/payment-gateway/disputes?${OF}&source=synced`
    expect((await stand.call('GET', disputes)).body).toMatchObject({ code: 'not_synced', status: 409 })
  })

  it('refuses an order by what is not one value, and orders instants by time', async () => {
    for (const field of ['address', 'tax_ids', 'tax_ids.type', 'metadata']) {
      expect((await stand.call('GET', `${LIST}&sort=${field}`)).body).toMatchObject({ code: 'unsupported_sort' })
    }
    const { db } = stand.server.services.stores.database
    const { synced } = stand.server.services.stores
    const of = {
      environmentId: 'default',
      integratedAccountId: 'acme-s',
      model: 'payment-gateway',
      resource: 'refunds',
    }
    const set = await synced.ensure(of, 0)
    const row = { set_id: set.id, version: 1, seen: 1, is_told: 0, hash: 'h', observed_at: 0, created_at: 0 }
    for (const at of ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.500Z']) {
      const data = JSON.stringify({ id: at, updated_at: at })
      await db
        .insertInto('synced_records')
        .values({ ...row, record_id: at, data })
        .execute()
    }
    const { body } = await stand.call('GET', `/unified/payment-gateway/refunds?${OF}&source=synced&sort=-updated_at`)
    expect(ids({ body })).toEqual(['2026-01-01T00:00:00.500Z', '2026-01-01T00:00:00Z'])
  })

  it('finds an id that holds a comma', async () => {
    const { db } = stand.server.services.stores.database
    const [row] = await db.selectFrom('synced_records').selectAll().where('record_id', '=', 'cus_0000004').execute()
    if (row === undefined) throw new Error('no row')
    const data = JSON.stringify({ ...JSON.parse(row.data), id: 'cus,4' })
    await db
      .insertInto('synced_records')
      .values({ ...row, record_id: 'cus,4', data })
      .execute()
    expect(ids(await stand.call('GET', `${LIST}&id=cus,4`))).toEqual(['cus,4'])
    await db.deleteFrom('synced_records').where('record_id', '=', 'cus,4').execute()
  })

  it('gets one record, and none that is not kept', async () => {
    const one = (id: string) => stand.call('GET', `/unified/payment-gateway/customers/${id}?${OF}&source=synced`)
    expect((await one('cus_0000005')).body).toMatchObject({ id: 'cus_0000005', name: 'Name 5' })
    expect((await one('cus_none')).body).toMatchObject({ code: 'record_not_found' })
  })

  it('keeps tokens to what they reach', async () => {
    const token = async (reach: object) =>
      (await stand.call('POST', '/integrated-account/acme-s/token', { body: reach })).body.token
    const call = async (path: string, reach: object) =>
      (await stand.call('GET', path, { token: await token(reach) })).body
    const payouts = { resources: ['payouts'] }
    const [changes, file] = [
      LIST.replace('customers?', 'customers/changes?'),
      LIST.replace('customers?', 'customers/export?'),
    ].map((path) => path.replace('&source=synced', ''))
    for (const path of [LIST, changes ?? '', file ?? '']) {
      expect(await call(path, payouts)).toMatchObject({ code: 'forbidden' })
    }
    const narrowed = { customer_id: 'cus_0000009' }
    expect((await call(LIST, narrowed)).result.map(({ id }: { id: string }) => id)).toEqual(['cus_0000009'])
    const other = `/unified/payment-gateway/customers/cus_0000008?${OF}&source=synced`
    expect(await call(other, narrowed)).toMatchObject({ code: 'record_not_found' })
    expect(await call(changes ?? '', narrowed)).toMatchObject({ code: 'forbidden' })
    expect(await call(file ?? '', narrowed)).toMatchObject({ code: 'forbidden' })
  })
})

describe('a token of an agent', () => {
  const OTHER = { tenant: 'tenant-1', account: 'acme-1' }
  const token = async (config: object) => {
    const body = { name: 'agent', config: { methods: ['read'], ...config } }
    return (await stand.call('POST', '/integrated-account/acme-s/mcp', { body })).body.token
  }
  const changes = (query: string) => `/unified/payment-gateway/customers/changes?${query}`
  const get = async (path: string, as: string) => (await stand.call('GET', path, { token: as })).body

  it('that redacts is shown no personal data, and gets no file', async () => {
    const as = await token({ redact: true })
    const listed = (await get(`${LIST}&limit=1`, as)).result[0]
    expect(listed).toMatchObject({ id: 'cus_0001199', name: null, email: null })
    const [change] = (await get(changes(`${OF}&limit=1`), as)).result
    expect(change).toMatchObject({ id: expect.any(String), record: { id: change.id, name: null, email: null } })
    expect(JSON.stringify(change)).not.toContain('acme.test')
    expect(await get(`${LIST}&sort=email`, as)).toMatchObject({ code: 'forbidden' })
    expect(await get(`/unified/payment-gateway/customers/export?${OF}`, as)).toMatchObject({ code: 'forbidden' })
  })

  it('reaches no further than its accounts, tenant and tags', async () => {
    const as = await token({})
    expect((await get(changes('tenant_id=tenant-s&limit=1'), as)).result).toHaveLength(1)
    expect(await get(changes(`tenant_id=${OTHER.tenant}`), as)).toMatchObject({ code: 'not_synced' })
    expect(await get(changes(`integrated_account_id=${OTHER.account}`), as)).toMatchObject({ code: 'unknown_account' })
    const tagged = await token({ tags: ['ledger'] })
    for (const path of [changes(OF), `/unified/payment-gateway/customers/export?${OF}`, LIST]) {
      expect(await get(path, tagged)).toMatchObject({ code: 'forbidden' })
    }
  })
})

describe('an export', () => {
  const file = async (query: string) =>
    (await stand.call('GET', `/unified/payment-gateway/customers/export?${OF}&${query}`)).body

  it('as JSON lines is what the list holds', async () => {
    const lines = String(await file('as=jsonl'))
      .trimEnd()
      .split('\n')
    const listed = [await stand.call('GET', `${LIST}&limit=1000`)]
    listed.push(await stand.call('GET', `${LIST}&limit=1000&next_cursor=${listed[0]?.body.next_cursor}`))
    expect(lines.map((line) => JSON.parse(line))).toEqual(listed.flatMap(({ body }) => body.result))
  })

  it('refuses what it would leave out: pages, other orders, what only live calls have', async () => {
    for (const [query, code] of [
      ['limit=5', 'unknown_parameter'],
      ['next_cursor=x', 'unknown_parameter'],
      ['sort=-email', 'unsupported_sort'],
      ['expand=payments', 'invalid_parameter'],
      ['as=csv&as=jsonl', 'invalid_parameter'],
    ]) {
      expect(await file(query ?? '')).toMatchObject({ code })
    }
  })

  it('as CSV keeps the column of a field inside it, and text that was made safe can be undone', async () => {
    const { db } = stand.server.services.stores.database
    const row = db.updateTable('synced_records').where('record_id', '=', 'cus_0000006')
    const data = { id: 'cus_0000006', name: "'=x", metadata: { plan: 'a', other: 'b' } }
    await row.set({ data: JSON.stringify(data) }).execute()
    const csv = String(await file('as=csv&fields=id,name,metadata.plan&id=cus_0000006'))
    expect(parse(csv, { columns: true })).toEqual([{ id: 'cus_0000006', name: "''=x", metadata: '{"plan":"a"}' }])
  })

  it('says how old it is, and whether it is all', async () => {
    const { headers } = await stand.call('GET', `/unified/payment-gateway/customers/export?${OF}`)
    expect(headers.get('x-onefold-partial')).toBe('false')
    expect(Date.parse(headers.get('x-onefold-observed-at') ?? '')).toBeLessThan(stand.clock.now())
  })

  it('as CSV is read back by another program, with integers, nulls and hostile text kept', async () => {
    const rows: Record<string, string>[] = parse(
      String(await file('as=csv&fields=id,name,description,email,address')),
      { columns: true },
    )
    expect(rows).toHaveLength(1_200)
    const row = rows.find(({ id }) => id === 'cus_0000003')
    expect(row).toMatchObject({ name: "'=cmd()", description: 'said "no",\nthen left', 'address.city': '' })
    const raw = await stand.call('GET', `/unified/payment-gateway/payouts/export?${OF}&as=csv`)
    const money: Record<string, string>[] = parse(String(raw.body), { columns: true })
    expect(money.map(({ id, amount }) => [id, Number(amount)])).toEqual(
      [...stand.ledger.payouts.values()].map(({ id, amount }) => [id, amount]).reverse(),
    )
    expect(raw.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  })
})

describe('changes', () => {
  const pull = async (query: string) =>
    (await stand.call('GET', `/unified/payment-gateway/customers/changes?${query}`)).body

  it('are pulled in order, from a place that does not end, by account and by tenant', async () => {
    const seen: string[] = []
    let cursor = ''
    for (let page = await pull(`${OF}&limit=500`); ; page = await pull(`${OF}&limit=500&cursor=${cursor}`)) {
      seen.push(...page.result.map(({ change, id }: { change: string; id: string }) => `${change} ${id}`))
      cursor = page.next_cursor
      if (!page.has_more) break
    }
    expect(seen.sort()).toEqual([...stand.ledger.customers.keys()].map((id) => `added ${id}`))
    await stand.clock.advance(90_000_000)
    Object.assign(stand.ledger.customers.get('cus_0000001') ?? {}, { name: 'Renamed' })
    stand.ledger.customers.delete('cus_0000002')
    const { id } = (await stand.call('POST', `/sync-job/${job.id}/run`, { body: { mode: 'full' } })).body
    await stand.ended(id)
    const next = await pull(`tenant_id=tenant-s&fields=id,name&cursor=${cursor}`)
    expect(next.result).toMatchObject([
      {
        change: 'updated',
        id: 'cus_0000001',
        integrated_account_id: 'acme-s',
        record: { id: 'cus_0000001', name: 'Renamed' },
      },
      { change: 'deleted', id: 'cus_0000002', record: null },
    ])
    expect((await pull(`${OF}&cursor=${next.next_cursor}`)).result).toEqual([])
  })

  it('refuse what is no place, and say when changes that were not seen are past their retention', async () => {
    const place = (await pull(`${OF}&limit=5`)).next_cursor
    const bytes = Buffer.from(place.slice(4), 'base64url')
    const forged = (...more: number[]) => `chg_${Buffer.from([...bytes.subarray(0, 7), ...more]).toString('base64url')}`
    const beyond = forged(0xff, 0x7f)
    for (const cursor of ['x', 'chg_', forged(), forged(0x85), `${place}A*`, beyond, 'chg_AAAAAAAAAAA']) {
      expect(await pull(`${OF}&cursor=${cursor}`)).toMatchObject({ code: 'invalid_cursor' })
    }
    await stand.server.services.stores.sweep(stand.clock.now() + 31 * 86_400_000)
    expect(await pull(`${OF}&cursor=${place}`)).toMatchObject({ code: 'expired_cursor' })
    expect((await pull(OF)).result).toEqual([])
  })
})
