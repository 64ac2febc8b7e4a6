import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withoutSecrets } from '../../engine/execute/secrets.ts'

const NAMES = new Map([
  ['client_secret', true],
  ['token', false],
])

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A text's name on an object, or on a list of nothing else, says nothing. */
const isOther = (name: string, value: unknown): boolean =>
  name === 'token' && (isObject(value) || (Array.isArray(value) && value.length > 0 && value.every(isObject)))

/** What is meant, as plainly as it can be said. */
function cut(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cut)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) =>
      NAMES.has(name) && !isOther(name, item) ? [] : [[name, cut(item)]],
    ),
  )
}

const natives = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, 1, 'x', true),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('id', 'client_secret', 'token', 'a', 'b', '__proto__'), tie('value')),
  ),
})).value

describe('a value without its secrets', () => {
  it('has none at any depth, and everything else in its order', () => {
    fc.assert(
      fc.property(natives, (native) => {
        const written = JSON.stringify(native)
        expect(JSON.stringify(withoutSecrets(native, NAMES))).toBe(JSON.stringify(cut(native)))
        expect(JSON.stringify(native)).toBe(written)
      }),
    )
  })

  it('keeps what only is called as a secret text is, and cuts the text in it', () => {
    const order = { token: { id: 't_1', token: 'x', max: 5 }, client_secret: { id: 'c_1' } }
    expect(withoutSecrets({ order, tokens: [{ token: 7 }] }, NAMES)).toEqual({
      order: { token: { id: 't_1', max: 5 } },
      tokens: [{}],
    })
    expect(withoutSecrets({ token: [{ token: 'x', id: 1 }] }, NAMES)).toEqual({ token: [{ id: 1 }] })
    expect(withoutSecrets({ token: ['x', { id: 1 }] }, NAMES)).toEqual({})
  })

  it('shares what holds none', () => {
    const clean = { id: 1, list: [{ a: 1 }] }
    expect(withoutSecrets(clean, NAMES)).toBe(clean)
    const left = withoutSecrets({ clean, token: 'x' }, NAMES) as { clean: unknown }
    expect(left.clean).toBe(clean)
  })

  it('is found in one pass: a secret far below does not double the work of each level', () => {
    let visits = 0
    let deep: object = { token: 'x' }
    for (let depth = 0; depth < 200; depth++) {
      const inner = deep
      deep = Object.defineProperty({}, 'inner', {
        enumerable: true,
        get: () => {
          visits++
          return inner
        },
      })
    }
    withoutSecrets(deep, NAMES)
    expect(visits).toBe(200)
  })
})
