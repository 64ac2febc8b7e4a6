import { afterEach, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { callQuarry, quarryWith, steer } from './machine-quarry.ts'
import { clientOf, ownIntegration, START_MS, start } from './support.ts'

const DAY = 86_400
const START_S = START_MS / 1000

let running: (RunningSandbox & { clock: { advance(ms: number): Promise<void> } })[] = []
afterEach(async () => {
  for (const sandbox of running) await sandbox.close()
  running = []
})

async function quarry(more: string) {
  const sandbox = await start(quarryWith(more), false)
  running.push(sandbox)
  return sandbox
}

describe('what is due', () => {
  it('acts in the order of time, each at its own instant, when the clock is moved over it', async () => {
    const sandbox = await quarry(`
due:
  - { in: entries, at: '$toMillis(booked_at) / 1000 + 86400 * number', do: [{ call: { method: entries.give_back, id: number } }] }
  - in: entries
    at: '$toMillis(booked_at) / 1000 + 90000'
    when: number = 1
    do: [{ set: { fields: { wording: $fromUnix($now) } } }]
`)
    for (const amount of ['1.00', '2.00', '3.00'])
      await callQuarry(sandbox, 'POST', '/ledgers/main/entries', { amount, currency: 'EUR', client_no: null })
    const rows = async (): Promise<unknown> =>
      (await callQuarry(sandbox, 'GET', '/ledgers/main/entries')).body.rows.map(
        ({ amount_back: back, wording }: { amount_back: string; wording: string | null }) => [back, wording],
      )
    const moved = await callQuarry(sandbox, 'POST', '/_sandbox/clock', { advance: { days: 2, hours: 1 } })
    expect(moved.body).toEqual({ now: '2026-10-03T01:00:00Z', next_due: '2026-10-04T00:00:00Z', played: 3 })
    expect(await rows()).toEqual([
      ['0.00', null],
      ['2.00', null],
      ['1.00', '2026-10-02T01:00:00Z'],
    ])
    expect((await callQuarry(sandbox, 'POST', '/_sandbox/clock', { now: START_S + 3 * DAY })).body).toMatchObject({
      played: 1,
      next_due: null,
    })
    expect((await callQuarry(sandbox, 'GET', '/_sandbox/clock')).body).toMatchObject({ now: '2026-10-04T00:00:00Z' })
  })

  it('acts as time goes by, before the next request is answered, and once for an instant', async () => {
    const sandbox = await quarry(`
due:
  - { in: clients, at: $number(mail), do: [{ set: { fields: { note: '$firstNonEmpty(note, "") & "x"' } } }] }
`)
    await callQuarry(sandbox, 'POST', '/clients', { client: { full_name: 'Ada', mail: String(START_S + 60) } })
    const note = async (): Promise<unknown> => (await callQuarry(sandbox, 'GET', '/clients/1000')).body.client.note
    await sandbox.clock.advance(59_000)
    expect(await note()).toBeUndefined()
    await sandbox.clock.advance(1_000)
    expect(await note()).toBe('x')
    await callQuarry(sandbox, 'PUT', '/clients/1000', { client: { full_name: 'Ada Two' } })
    await sandbox.clock.advance(1_000_000)
    expect(await note()).toBe('x')
    await callQuarry(sandbox, 'PUT', '/clients/1000', { client: { mail: String(START_S + 70) } })
    expect(await note()).toBe('xx')
  })

  it('is forgotten when its record has no instant any more', async () => {
    const sandbox = await quarry(`
due:
  - { in: clients, at: 'mail != null ? $number(mail)', when: put_away = false, do: [{ set: { fields: { put_away: true } } }] }
`)
    const ada = { client: { full_name: 'Ada', mail: String(START_S + 60) } }
    await callQuarry(sandbox, 'POST', '/clients', ada)
    await callQuarry(sandbox, 'PUT', '/clients/1000', { client: { mail: null } })
    expect((await callQuarry(sandbox, 'POST', '/_sandbox/clock', { advance: { years: 1 } })).body.played).toBe(0)
  })

  it('that is refused is a fault that is told once, and the rest goes on', async () => {
    const sandbox = await quarry(`
due:
  - { in: clients, at: $number(mail), do: [{ fail: { error: settled_back } }] }
`)
    await callQuarry(sandbox, 'POST', '/clients', { client: { full_name: 'Ada', mail: String(START_S + 60) } })
    expect(await callQuarry(sandbox, 'POST', '/_sandbox/clock', { advance: { seconds: 100 } })).toMatchObject({
      status: 500,
      body: {
        code: 'definition_invalid',
        detail: 'What is due for clients 1000 failed: the sandbox answers settled_back',
      },
    })
    expect((await callQuarry(sandbox, 'GET', '/_sandbox/clock')).body).toEqual({
      now: '2026-10-01T00:01:00Z',
      next_due: null,
    })
    expect((await callQuarry(sandbox, 'GET', '/clients/1000')).status).toBe(200)
  })

  it('is bounded in one move, which then says how far it came', async () => {
    const sandbox = await quarry(`
due:
  - { in: clients, at: $number(mail), do: [{ set: { fields: { mail: $string($number(mail) + 1) } } }] }
`)
    await callQuarry(sandbox, 'POST', '/clients', { client: { full_name: 'Ada', mail: String(START_S + 1) } })
    expect(await callQuarry(sandbox, 'POST', '/_sandbox/clock', { advance: { days: 1 } })).toMatchObject({
      status: 429,
      body: { code: 'cost_exceeded', hint: 'The clock stands at 2026-10-01T05:33:20Z; ask again to go on.' },
    })
    expect((await callQuarry(sandbox, 'GET', '/clients/1000')).body.client.mail).toBe(String(START_S + 20_001))
  })
})

describe('the clock', () => {
  it.each([
    [{}, 'Either `now` or `advance` must be given'],
    [{ now: '2026-09-30T00:00:00Z' }, 'The clock stands at 2026-10-01T00:00:00Z and does not go back'],
    [{ now: 'tomorrow' }, '`now` must be seconds or RFC 3339 text'],
    [{ advance: { fortnights: 1 } }, '`advance` has no fortnights of 1'],
    [{ advance: { days: -1 } }, '`advance` has no days of -1'],
    [{ advance: { years: 9000 } }, 'The clock goes no further than the year 9999'],
    [{ advance: 'P1D' }, '`advance` must be an object of calendar units'],
    [{ set: 1 }, 'set is not known here'],
  ])('refuses %j', async (body, detail) => {
    const sandbox = await quarry('{}')
    const answer = await callQuarry(sandbox, 'POST', '/_sandbox/clock', body)
    expect({ status: answer.status, detail: answer.body.detail }).toEqual({ status: 400, detail })
  })

  it('is steered with the credentials of the account only', async () => {
    const sandbox = await quarry('{}')
    expect((await fetch(`${sandbox.origin}/_sandbox/clock`)).status).toBe(403)
    expect((await callQuarry(sandbox, 'GET', '/_sandbox')).body).toMatchObject({ clock: { next_due: null } })
    expect((await callQuarry(sandbox, 'GET', '/_sandbox/moon')).status).toBe(404)
    expect((await callQuarry(sandbox, 'PUT', '/_sandbox/clock', {})).status).toBe(405)
  })
})

describe('subscriptions in forty days', () => {
  it('end their trials, renew, and retry what is declined, with events at the instants of it', async () => {
    const sandbox = await start(ownIntegration('stripe'), false)
    running.push(sandbox)
    const stripe = clientOf(sandbox)
    const recurring = { interval: 'month' } as const
    const product = await stripe.products.create({ name: 'Plan' })
    const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 1000, recurring })
    const good = await stripe.customers.create({ payment_method: 'pm_card_visa' })
    const bad = await stripe.customers.create({ payment_method: 'pm_card_chargeCustomerFail' })
    const items = [{ price: price.id }]
    const trial = await stripe.subscriptions.create({ customer: good.id, items, trial_period_days: 7 })
    const failing = await stripe.subscriptions.create({ customer: bad.id, items, trial_period_days: 7 })
    const ending = await stripe.subscriptions.create({ customer: good.id, items, cancel_at_period_end: true })
    expect((await steer(sandbox, 'clock', { advance: { days: 40 } })).status).toBe(200)

    expect(await stripe.subscriptions.retrieve(trial.id)).toMatchObject({ status: 'active' })
    expect(await stripe.subscriptions.retrieve(failing.id)).toMatchObject({ status: 'past_due' })
    expect(await stripe.subscriptions.retrieve(ending.id)).toMatchObject({
      status: 'canceled',
      ended_at: START_S + 31 * DAY,
    })
    const invoices = await stripe.invoices.list({ subscription: trial.id })
    expect(invoices.data.map(({ created, amount_paid }) => [created - START_S, amount_paid])).toEqual([
      [38 * DAY, 1000],
      [7 * DAY, 1000],
      [0, 0],
    ])
    const retried = (await stripe.invoices.list({ subscription: failing.id })).data.find(
      ({ created }) => created === START_S + 7 * DAY,
    )
    expect(retried).toMatchObject({ status: 'open', attempt_count: 4, next_payment_attempt: null })
    const failures = await stripe.events.list({ type: 'invoice.payment_failed', limit: 100 })
    expect(failures.data.map(({ created }) => (created - START_S) / DAY)).toEqual([38, 16, 13, 10])
    const ends = await stripe.events.list({ type: 'customer.subscription.deleted' })
    expect(ends.data.map(({ created }) => (created - START_S) / DAY)).toEqual([31])
    const times = (await stripe.events.list({ limit: 100 })).data.map(({ created }) => created)
    expect(times).toEqual([...times].sort((a, b) => b - a))
  })
})
