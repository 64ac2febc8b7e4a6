import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { failureOf } from '../support/code-of.ts'
import { openShop, type Shop } from '../support/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())
beforeEach(() => {
  for (const name of Object.keys(shop.tables)) delete shop.tables[name]
  shop.intercept = undefined
  shop.upstream.received.length = 0
})

const sent = () => shop.upstream.received.map(({ verb, path, body }) => `${verb} ${path} ${body}`)
const keys = () => shop.upstream.received.map(({ headers }) => headers['idempotency-key'])
const create = (body: unknown, query = '') => shop.call('orders', 'create', { body, query })
const failAt = (end: string, status: number) => {
  shop.intercept = ({ path }) => (path.endsWith(end) ? { status, body: { error: { message: 'No' } } } : undefined)
}

describe('the follow-ups of a write', () => {
  it('are made in order after it, each over the answer before; the last answer is the record', async () => {
    const answer = await create({ note: 'Hi', lines: ['a', 'b'], submit: true, speed: 'fast' }, 'explain=true')
    expect(sent()).toEqual([
      'POST /v1/orders {"words":"Hi"}',
      'POST /v1/orders/or_new/lines {"lines":["a","b"]}',
      'POST /v1/orders/or_new/send {"sent":true,"count":2,"by":"air"}',
    ])
    expect(answer).toMatchObject({
      kind: 'record',
      record: { id: 'or_new', note: 'Hi', lines: ['a', 'b'], is_sent: true },
      explain: {
        operation: 'orders.create',
        follow_ups: [{ operation: 'orders.add_lines' }, { operation: 'orders.send', sent: { body: { count: 2 } } }],
      },
    })
  })

  it('are left out where their condition does not hold', async () => {
    const answer = await create({ note: 'Hi' }, 'explain=true')
    expect(sent()).toEqual(['POST /v1/orders {"words":"Hi"}'])
    expect(answer).toMatchObject({ record: { id: 'or_new', lines: null }, report: { warnings: [] } })
    expect(answer).not.toHaveProperty('explain.follow_ups')
    const { report } = await create({ note: 'Hi', speed: 'fast' })
    expect(report.warnings).toEqual([expect.stringContaining('`speed` was not sent')])
    shop.upstream.received.length = 1
    await create({ submit: true })
    expect(sent().slice(1)).toEqual(['POST /v1/orders ', 'POST /v1/orders/or_new/send {"sent":true,"count":0}'])
  })

  it('answer with the first answer where the definition says so', async () => {
    shop.intercept = ({ path }) => (path.endsWith('/lines') ? { body: { id: 'line_1', words: 'Other' } } : undefined)
    const answer = await shop.call('orders', 'tag', { body: { note: 'Hi' } })
    expect(answer).toMatchObject({ kind: 'method', result: { id: 'or_new', note: 'Hi' } })
    expect(shop.upstream.received).toHaveLength(2)
  })

  it('have keys of their own that the key of the call decides', async () => {
    await create({ lines: ['a'] })
    const [first, second] = keys()
    expect(second).toBe(`${first}-2`)
    shop.upstream.received.length = 0
    await create({ lines: ['a'] })
    expect(keys()).toEqual([first, second])
  })

  it('say what was made before when one is refused', async () => {
    failAt('/lines', 400)
    const failure = await failureOf(create({ lines: ['a'], submit: true }))
    expect(failure).toMatchObject({ code: 'partly_done', status: 409, retryable: false })
    expect(failure.message).toContain('(orders.add_lines); made before it and standing: orders.create or_new')
    expect(failure.details).toMatchObject({ sent: true, provider: { status: 400 } })
    expect(failure.details.hint).toContain('Finish or undo it at the provider')
    expect(shop.upstream.received).toHaveLength(2)
  })

  it('can go on with the same key where all that was made keeps keys', async () => {
    failAt('/lines', 503)
    const failure = await failureOf(create({ lines: ['a'] }))
    expect(failure).toMatchObject({ code: 'provider_unavailable', retryable: true })
    expect(failure.details.hint).toContain('the same idempotency key: it goes on from there')
    expect(failure.message).toContain('orders.create or_new')
  })

  it('cannot go on where one keeps no keys', async () => {
    failAt('/send', 429)
    const failure = await failureOf(create({ lines: ['a'], submit: true }))
    expect(failure.code).toBe('partly_done')
    expect(failure.message).toContain('orders.create or_new, orders.add_lines or_new')
  })

  it('say so too when what they send does not fit', async () => {
    const failure = await failureOf(create({ submit: true, speed: 'lightning' }))
    expect(failure).toMatchObject({ code: 'partly_done', details: { valid: ['fast', 'slow'] } })
    expect(shop.upstream.received).toHaveLength(1)
  })
})
