import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { compareVersions } from '../../server/sandbox/versions.ts'
import { callQuarry, quarryWith, type Reply } from './machine-quarry.ts'
import { clientOf, ownIntegration, start } from './support.ts'

const MORE = `
versions:
  from: '$request.headers.\`x-version\`'
  default: v12
  newest: v12
  oldest: v2
  pattern: v[0-9]+
  error: not_found_version
  changes:
    - before: v10
      resources:
        entries:
          reads:
            client: { in: clients, id: client_no }
            all: { in: entries, where: { client_no: client_no }, all: true }
          set:
            client.name: $let.client.full_name
            client.entries: $count($let.all)
            kept: $record._kept
            never?: $record.nothing
            kind: { const: old }
          move: { wording: text.first }
          drop: [amount_back, client_no]
    - before: v3
      resources:
        entries: { move: { text.first: label }, drop: [client] }
errors:
  not_found_version: { status: 400, body: { errors: [{ code: { const: VERSION }, text: '$error.oldest & " to " & $error.newest & ", not " & $error.version' }] } }
`

let sandbox: RunningSandbox
const entry = (version?: string): Promise<Reply> =>
  callQuarry(
    sandbox,
    'GET',
    '/ledgers/main/entries/1',
    undefined,
    version === undefined ? {} : { 'x-version': version },
  )

beforeAll(async () => {
  sandbox = await start(quarryWith(MORE), false)
  await callQuarry(sandbox, 'POST', '/clients', { client: { full_name: 'Ada' } })
  const wording = { amount: '5.00', currency: 'EUR', client_no: 1000, wording: 'Stone' }
  await callQuarry(sandbox, 'POST', '/ledgers/main/entries', wording)
})
afterAll(() => sandbox.close())

describe('answers by version', () => {
  it('are as they are kept in the newest version, which is also the default', async () => {
    const { body } = await entry()
    expect(body).toMatchObject({ client_no: 1000, wording: 'Stone', amount_back: '0.00' })
    expect((await entry('v10')).body).toEqual(body)
  })

  it('go through every change after the version that is asked for', async () => {
    const { client_no: _, amount_back: _back, wording: _wording, ...rest } = (await entry()).body
    const older = { ...rest, kept: null, kind: 'old' }
    expect((await entry('v9')).body).toEqual({
      ...older,
      client: { name: 'Ada', entries: 1 },
      text: { first: 'Stone' },
    })
    expect((await entry('v2')).body).toEqual({ ...older, label: 'Stone', text: {} })
    const list = await callQuarry(sandbox, 'GET', '/ledgers/main/entries', undefined, { 'x-version': 'v2' })
    expect(list.body.rows).toEqual([{ ...older, label: 'Stone', text: {} }])
  })

  it.each(['v13', 'v1', 'nine'])('are refused in %s', async (version) => {
    const { status, body } = await entry(version)
    expect({ status, body }).toEqual({
      status: 400,
      body: { errors: [{ code: 'VERSION', text: `v2 to v12, not ${version}` }] },
    })
  })

  it('compare as text with numbers in it', () => {
    const versions = ['v10', '2024-12-31', 'v9', '2025-03-31.basil', '2025-03-31', 'v9.1']
    expect(versions.sort(compareVersions)).toEqual([
      '2024-12-31',
      '2025-03-31',
      '2025-03-31.basil',
      'v9',
      'v9.1',
      'v10',
    ])
  })

  it('are described newest first', () => {
    const changes = '[{ before: v3, resources: {} }, { before: v10, resources: {} }]'
    const more = `versions: { from: $request.id, default: v12, changes: ${changes} }`
    return expect(start(quarryWith(more), false)).rejects.toThrow('not in order')
  })
})

describe('an invoice before Basil', () => {
  it('leads to its payment, and is echoed in the version that was asked for', async () => {
    const own = await start(ownIntegration('stripe'), false)
    const stripe = clientOf(own)
    const customer = await stripe.customers.create({ payment_method: 'pm_card_visa' })
    const made = await stripe.invoices.create({ customer: customer.id })
    await stripe.invoices.addLines(made.id, { lines: [{ amount: 700, description: 'Stone' }] })
    await stripe.invoices.pay(made.id)
    const old = { apiVersion: '2023-08-16', maxNetworkRetries: 0 }
    const invoice = await stripe.invoices.retrieve(made.id, { expand: ['payment_intent.latest_charge'] }, old)
    expect(invoice).toMatchObject({
      paid: true,
      paid_out_of_band: false,
      payment_intent: { amount: 700, invoice: made.id, latest_charge: { invoice: made.id } },
      lines: { data: [{ type: 'invoiceitem', proration: false, price: null }] },
    })
    expect(invoice).not.toHaveProperty('parent')
    expect(invoice.lastResponse.apiVersion).toBe('2023-08-16')
    const current = await stripe.invoices.retrieve(made.id)
    expect(current).not.toHaveProperty('payment_intent')
    await expect(stripe.invoices.retrieve(made.id, {}, { ...old, apiVersion: '2011-01-01' })).rejects.toThrow(
      'Invalid Stripe API version: 2011-01-01',
    )
    await own.close()
  })
})
