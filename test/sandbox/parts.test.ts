import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { move } from '../../server/sandbox/calendar.ts'
import { nested } from '../../server/sandbox/form.ts'
import { at, withAt } from '../../server/sandbox/paths.ts'
import { createDice } from '../../server/sandbox/random.ts'
import { Store } from '../../server/sandbox/store.ts'

const seconds = (text: string): number => Date.parse(text) / 1000

describe('the calendar', () => {
  it.each([
    ['2026-01-31T10:20:30Z', 'month', 1, '2026-02-28T10:20:30Z'],
    ['2028-01-31T00:00:00Z', 'month', 1, '2028-02-29T00:00:00Z'],
    ['2028-02-29T23:59:59Z', 'year', 1, '2029-02-28T23:59:59Z'],
    ['2026-11-15T00:00:00Z', 'month', 3, '2027-02-15T00:00:00Z'],
    ['2026-03-28T12:00:00Z', 'day', 2, '2026-03-30T12:00:00Z'],
    ['2026-03-28T12:00:00Z', 'week', -1, '2026-03-21T12:00:00Z'],
  ])('%s and %s by %i is %s', (from, unit, count, to) => {
    expect(move(seconds(from), unit, count)).toBe(seconds(to))
  })

  it('knows no other unit', () => {
    expect(() => move(0, 'moon', 1)).toThrow("no unit 'moon'")
  })
})

describe('dice', () => {
  it('fall the same for the same seed, and within their bounds', () => {
    const throws = (seed: string) => {
      const dice = createDice(seed)
      return [dice.text(20), ...Array.from({ length: 50 }, () => dice.whole(3, 12, 3)), dice.of(['a', 'b', 'c'])]
    }
    fc.assert(
      fc.property(fc.string(), (seed) => {
        expect(throws(seed)).toEqual(throws(seed))
        expect(
          throws(seed)
            .slice(1, -1)
            .every((number) => [3, 6, 9, 12].includes(Number(number))),
        ).toBe(true)
      }),
    )
    expect(throws('one')).not.toEqual(throws('two'))
  })
})

describe('a form', () => {
  it('nests by brackets', () => {
    const pairs: [string, string][] = [
      ['items[0][price]', 'p1'],
      ['items[1][price]', 'p2'],
      ['expand[]', 'a'],
      ['expand[]', 'b'],
      ['created[gte]', '5'],
      ['plain', 'x'],
      ['odd[', 'y'],
    ]
    expect(nested(pairs)).toEqual({
      items: [{ price: 'p1' }, { price: 'p2' }],
      expand: ['a', 'b'],
      created: { gte: '5' },
      plain: 'x',
      'odd[': 'y',
    })
  })

  it('makes lists of places in any order', () => {
    const pairs: [string, string][] = [
      ['phases[1][price]', 'p2'],
      ['phases[0][price]', 'p1'],
      ['gap[2]', 'x'],
    ]
    expect(nested(pairs)).toEqual({ phases: [{ price: 'p1' }, { price: 'p2' }], gap: { 2: 'x' } })
  })

  it('does not reach prototypes', () => {
    const read = nested([
      ['__proto__[polluted]', 'yes'],
      ['a[__proto__][b]', 'c'],
    ])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(Object.keys(read)).toEqual(['__proto__', 'a'])
  })
})

describe('paths', () => {
  it('read what they wrote, and leave the rest', () => {
    const key = fc.stringMatching(/^[a-z_]{1,8}$/)
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 4 }), fc.jsonValue(), (keys, value) => {
        const before = { kept: 1 }
        const after = withAt(before, keys.join('.'), value)
        expect(at(after, keys.join('.'))).toEqual(value)
        expect(before).toEqual({ kept: 1 })
      }),
    )
  })
})

describe('the store', () => {
  const act = fc.record({
    kind: fc.constantFrom('add', 'put', 'remove'),
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    at: fc.integer({ min: 0, max: 3 }),
  })

  function apply(store: Store, { kind, id, at: when }: { kind: string; id: string; at: number }, step: number): void {
    const isThere = store.get('things', id) !== undefined
    if (kind === 'add' && !isThere) store.add('things', id, { id, step }, when)
    if (kind === 'put' && isThere) store.put('things', id, { id, step })
    if (kind === 'remove') store.remove('things', id, { id, gone: true })
  }

  it('takes back all that a failed call did, and keeps its order', () => {
    fc.assert(
      fc.property(fc.array(act), fc.array(act), (first, second) => {
        const store = new Store()
        for (const [step, one] of first.entries()) apply(store, one, step)
        const before = JSON.stringify(store.rows('things'))
        const work = () => {
          for (const [step, one] of second.entries()) apply(store, one, 100 + step)
          throw new Error('no')
        }
        expect(() => store.transact(work, () => false)).toThrow('no')
        expect(JSON.stringify(store.rows('things'))).toBe(before)
        const times = store.rows('things').map((row) => row.at)
        expect(times).toEqual([...times].sort((a, b) => a - b))
      }),
    )
  })

  it('keeps what a failure says stays', () => {
    const store = new Store()
    const work = () => {
      store.add('things', 'a', { id: 'a' }, 1)
      throw new Error('declined')
    }
    expect(() => store.transact(work, () => true)).toThrow('declined')
    expect(store.find('things', [['id', 'a']])).toEqual([{ id: 'a' }])
  })
})
