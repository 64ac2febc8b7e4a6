import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { compileAhead } from '../../engine/index.ts'
import { type Native, openShop, type Shop } from '../support/shop.ts'

let pauses = 0
const pause = async (): Promise<void> => void pauses++
let paused: Shop
let plain: Shop

beforeAll(async () => {
  paused = await openShop({ pause })
  plain = await openShop()
})
afterAll(() => Promise.all([paused.close(), plain.close()]))
beforeEach(() => {
  pauses = 0
})

const customers = (count: number, more: object): Native[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `cu_${count - at}`,
    created: 1_700_000_000 + count - at,
    state: 'A',
    ...more,
  }))

/** How often code is made from text until `stop`. */
function watchCode(): { made: number; stop(): void } {
  const native = globalThis.Function
  const watch = {
    made: 0,
    stop() {
      globalThis.Function = native
    },
  }
  globalThis.Function = new Proxy(native, {
    construct(target, given) {
      watch.made += 1
      return Reflect.construct(target, given)
    },
  })
  return watch
}

// This comes first: what a process has compiled it keeps.
it('compiles ahead what a list is mapped with, in pieces, so that its first page makes no code', async () => {
  const catalog = paused.engine.catalog()
  const code = watchCode()
  try {
    await compileAhead(catalog, 'acme', { pause, signal: AbortSignal.abort() })
    expect([pauses, code.made]).toEqual([0, 0])
    await compileAhead(catalog, 'acme', { pause, signal: new AbortController().signal })
    expect(pauses).toBeGreaterThan(10)
    const ahead = code.made
    expect(ahead).toBeGreaterThan(0)
    paused.tables.customers = customers(5, {})
    expect((await paused.list('customers', 'limit=5')).result).toHaveLength(5)
    expect(code.made).toBe(ahead)
    await paused.list('customers', 'limit=5&fields=email')
    expect(code.made).toBeGreaterThan(ahead)
  } finally {
    code.stop()
  }
})

it.each([
  ['good records', {}],
  ['records of which several fields fail', { created: 'yesterday', points: { a: 1 }, contact: 7, phones: 'none' }],
])('makes a page of %s in pieces, and the same of it', async (_, more) => {
  paused.tables.customers = customers(50, more)
  plain.tables.customers = customers(50, more)
  const { result } = await paused.list('customers', 'limit=50')
  expect(result).toHaveLength(50)
  // Ten records are made in one piece, and brought into their form in another.
  expect(pauses).toBeGreaterThanOrEqual(10)
  expect(withoutTime(result)).toEqual(withoutTime((await plain.list('customers', 'limit=50')).result))
})

const withoutTime = (records: readonly object[]): unknown =>
  JSON.parse(JSON.stringify(records).replace(/"acc_[^"]*"/g, '""'))
