import { describe, expect, it } from 'vitest'
import { filled } from '../../engine/execute/filled.ts'
import type { Found } from '../../engine/execute/session.ts'

const found = (native: unknown): Found => Object.freeze({ native, operation: {}, response: {} }) as Found

describe('an answer that does not repeat what was asked', () => {
  it('gets it, also below objects, and keeps what it tells itself', () => {
    const native = Object.freeze({ id: 'p_1', amount: Object.freeze({ value: 5 }), note: '' })
    const values = { 'amount.value': 7, 'amount.currency': 'EUR', 'card.last4': '1111', note: 'mine' }
    expect(filled(found(native), values).native).toEqual({
      ...{ id: 'p_1', note: '' },
      ...{ amount: { value: 5, currency: 'EUR' }, card: { last4: '1111' } },
    })
    expect(native.amount).toEqual({ value: 5 })
  })

  it('is as it was where nothing lacks, or there is nothing to put in', () => {
    const one = found({ id: 'p_1', currency: 'EUR' })
    expect(filled(one, { currency: 'USD', note: null })).toBe(one)
  })

  it('may be empty: no body, a text, null in place of a value', () => {
    for (const native of [undefined, 'received', { currency: null }])
      expect(filled(found(native), { currency: 'EUR' }).native).toEqual({ currency: 'EUR' })
  })
})
