import { afterAll, beforeAll, expect, it } from 'vitest'
import type { JsonRecord } from '../../engine/index.ts'
import { openStand, type Stand } from '../http/stand.ts'
import { ROOT } from '../support/house.ts'

const OF = 'integrated_account_id=sandbox-stripe'
const LISTS = ['customers', 'payments', 'disputes']
const MODEL = 'payment-gateway'

let stand: Stand
let customers: string[]

/** Syncs lists of the sandbox, moving the clock whenever somebody sleeps on it. */
async function sync(lists: readonly string[]): Promise<void> {
  const body = { integrated_account_id: 'sandbox-stripe', resources: lists.map((name) => `${MODEL}/${name}`) }
  const { body: job } = await stand.call('POST', '/sync-job', { body })
  for (let turn = 0; turn < 20_000; turn++) {
    const { body: run } = await stand.call('GET', `/sync-job-run/${job.run_id}`)
    if (run.ended_at !== null) return expect(run.status).toBe('succeeded')
    await stand.clock.advance(100)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error('the run does not end')
}

beforeAll(async () => {
  stand = await openStand({ ONEFOLD_SANDBOX: 'on' }, ROOT)
  await sync(LISTS)
  const { body } = await stand.call(
    'GET',
    `/unified/${MODEL}/payments?${OF}&source=synced&limit=1000&fields=customer.id`,
  )
  const ids = body.result.map((record: { customer: JsonRecord | null }) => record.customer?.id)
  customers = [...new Set<string>(ids.filter((id: unknown) => typeof id === 'string'))].slice(0, 8)
}, 120_000)
afterAll(() => stand.close())

/** A live call may wait for the rate limit: the clock is moved until it is answered. */
async function summary(id: string, query: string): Promise<JsonRecord> {
  let isOver = false
  const call = stand.call('GET', `/unified/${MODEL}/customers/${id}/summary?${OF}${query}`).finally(() => {
    isOver = true
  })
  while (!isOver) {
    await stand.clock.advance(50)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return (await call).body
}

it('is the same from synced data as live, and asks the provider nothing', async () => {
  expect(customers.length).toBeGreaterThan(5)
  for (const id of customers) {
    const live = await summary(id, '&max_requests=500')
    const synced = await summary(id, '&source=synced')
    expect(live).toMatchObject({ source: 'live', is_complete: true })
    expect(synced.source).toBe('synced')
    expect(Date.parse(synced.observed_at as string)).toBeLessThanOrEqual(stand.clock.now())
    const facts = ({ source: _, observed_at: __, ...rest }: JsonRecord) => rest
    expect(facts(synced)).toEqual(facts(live))
  }
})

it('says what was not synced, and knows no customer that was not', async () => {
  const { database } = stand.server.services.stores
  const [id = ''] = customers
  await database.db.deleteFrom('synced_sets').where('resource', '=', 'disputes').execute()
  const part = await summary(id, '&source=synced')
  expect(part).toMatchObject({
    is_complete: false,
    left_out: [{ list: 'disputes', reason: 'not_synced', records: null }],
  })
  expect(await summary('cus_none', '&source=synced')).toMatchObject({ code: 'record_not_found' })
  expect(await summary(id, '&source=synced&fields=id')).toMatchObject({ code: 'unknown_parameter' })
  const payouts = `/unified/${MODEL}/payouts/po_1/summary?${OF}&source=synced`
  expect((await stand.call('GET', payouts)).body).toMatchObject({ code: 'unknown_method' })
  const token = (await stand.call('POST', '/integrated-account/sandbox-stripe/token', { body: { customer_id: id } }))
    .body.token
  const as = async (customer: string) =>
    (await stand.call('GET', `/unified/${MODEL}/customers/${customer}/summary?source=synced`, { token })).body
  expect(await as(id)).toMatchObject({ source: 'synced' })
  expect(await as(customers[1] ?? '')).toMatchObject({ code: 'record_not_found' })
})
