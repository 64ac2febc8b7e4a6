import { describe, expect, it } from 'vitest'
import type { Account, CallOptions, UnifiedEvent } from '../../engine/index.ts'
import { statesAfter } from '../../server/inbound/hydrate.ts'
import { hashOf } from '../../server/inbound/records.ts'
import type { SeenRecord } from '../../server/stores/index.ts'

const mappings = new Map([['payment-gateway/payments', { get: [] }]])
const unread = {
  engine: { catalog: () => expect.unreachable('nothing can be read'), integration: () => ({ mappings }) },
} as never

/** Of a definition that maps no read. */
const unreadable = { engine: { integration: () => ({ mappings: new Map() }) } } as never

const part = (at: number, record: Record<string, unknown>, isPartial = true) => ({
  event: {
    native: {} as UnifiedEvent['native'],
    type: 'record:updated',
    target: { model: 'payment-gateway', resource: 'payments' },
    recordId: 'p_1',
    occurredAt: at,
    changes: null,
    record: { id: 'p_1', ...record },
    isPartial,
    failure: null,
  },
  resource: 'payment-gateway/payments',
  recordId: 'p_1',
  at,
})

async function stateAfter(events: readonly ReturnType<typeof part>[], before?: SeenRecord, reader = unread) {
  const seen = new Map(before === undefined ? [] : [['payment-gateway/payments/p_1', before]])
  const { states, failures } = await statesAfter(reader, {} as Account, events, seen, {} as CallOptions)
  expect([...failures]).toEqual([])
  return [...states.values()][0]
}

const AUTHORISED = part(1, { amount: 5, status: 'requires_capture', paid_at: null })
const CAPTURED = part(2, { amount: null, status: 'succeeded', paid_at: 'then' })
const WHOLE = { id: 'p_1', amount: 5, status: 'succeeded', paid_at: 'then' }

describe('what events tell in parts', () => {
  it('is laid over what is known, and nothing is read', async () => {
    expect(await stateAfter([AUTHORISED, CAPTURED])).toMatchObject({ record: WHOLE, at: 2, isFetched: false })
  })

  it('leaves labels alone that a part does not tell', async () => {
    const labelled = part(1, { metadata: { tier: 'gold' }, refunds: ['r_1'] })
    const bare = part(2, { metadata: {}, refunds: [] })
    expect((await stateAfter([labelled, bare]))?.record).toEqual({
      id: 'p_1',
      metadata: { tier: 'gold' },
      refunds: [],
    })
  })

  it('comes to the same in any order, in one batch or in several', async () => {
    expect((await stateAfter([CAPTURED, AUTHORISED]))?.record).toEqual(WHOLE)
    const captured = await stateAfter([CAPTURED])
    const late = await stateAfter([AUTHORISED], captured)
    expect(late).toMatchObject({ record: WHOLE, at: 2, by: AUTHORISED.event, hash: hashOf(WHOLE) })
  })

  it('is no news where it says nothing new', async () => {
    const known = await stateAfter([AUTHORISED, CAPTURED])
    expect(await stateAfter([AUTHORISED], known)).toMatchObject({ record: WHOLE, at: 2, by: null })
  })

  it('is laid in the order of arrival where nobody says when, before all that has a time', async () => {
    const undated = (one: ReturnType<typeof part>, at: number) => ({
      ...one,
      at,
      event: { ...one.event, occurredAt: null as never },
    })
    const known = await stateAfter([undated(AUTHORISED, 900)])
    expect(known).toMatchObject({ at: 0, isFetched: false })
    expect(await stateAfter([undated(CAPTURED, 901)], known)).toMatchObject({ record: WHOLE, at: 0 })
    expect(await stateAfter([CAPTURED], known)).toMatchObject({ record: WHOLE, at: 2 })
  })

  it('is laid in its order at one instant, where a whole record would be read', async () => {
    const same = { ...CAPTURED, at: 1 }
    expect((await stateAfter([AUTHORISED, same]))?.record).toEqual(WHOLE)
    const whole = [part(1, { amount: 5 }, false), part(1, { amount: 6 }, false)]
    await expect(stateAfter(whole)).rejects.toThrow('nothing can be read')
  })

  it('is taken whole as it comes, at one instant or at none, where no read is mapped', async () => {
    const [five, six] = [part(1, { amount: 5 }, false), part(1, { amount: 6 }, false)]
    expect(await stateAfter([five, six], undefined, unreadable)).toMatchObject({ record: { amount: 6 }, at: 1 })
    const undated = { ...five, at: 900, event: { ...five.event, occurredAt: null as never } }
    const known = await stateAfter([undated], undefined, unreadable)
    expect(known).toMatchObject({ record: { amount: 5 }, at: 0 })
    expect(await stateAfter([six], known, unreadable)).toMatchObject({ record: { amount: 6 }, at: 1 })
  })
})
