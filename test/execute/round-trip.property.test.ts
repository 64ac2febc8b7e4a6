import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Native, openShop, type Shop } from '../support/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())

/** One record of the two lists; a charge of an intent is left out by the source's `where`. */
interface Seed {
  readonly isCharge: boolean
  readonly belongsToIntent: boolean
  /** Seconds after the record before it; 0 makes ties. */
  readonly gap: number
}

const seed: fc.Arbitrary<Seed> = fc.record({
  isCharge: fc.boolean(),
  belongsToIntent: fc.boolean(),
  gap: fc.integer({ min: 0, max: 2 }),
})
const step = fc.record({ limit: fc.integer({ min: 1, max: 12 }), added: fc.array(seed, { maxLength: 3 }) })

/** Adds records at the head of both lists; answers the ids that a caller may see. */
class Provider {
  #count = 0
  #now = 1000

  add(seeds: readonly Seed[]): string[] {
    return seeds.flatMap(({ isCharge, belongsToIntent, gap }) => {
      this.#now += gap
      const id = `${isCharge ? 'ch' : 'in'}_${++this.#count}`
      const intent = isCharge && belongsToIntent ? 'in_0' : null
      const record: Native = { id, created: this.#now, object: isCharge ? 'charge' : 'intent', intent }
      const table = isCharge ? 'charges' : 'intents'
      shop.tables[table] = [record, ...(shop.tables[table] ?? [])]
      return intent === null ? [id] : []
    })
  }
}

async function page(limit: number, cursor: string | null) {
  const where = cursor === null ? '' : `&next_cursor=${cursor}`
  const { result, nextCursor, prevCursor } = await shop.list('payments', `limit=${limit}&fields=id${where}`)
  return { ids: result.map(({ id }) => String(id)), nextCursor, prevCursor }
}

describe('a union of keyset lists', () => {
  it('goes to the end and back without losing or repeating a record while records are added', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(seed, { maxLength: 40 }),
        fc.array(step, { minLength: 1, maxLength: 30 }),
        async (seeds, steps) => {
          shop.tables.intents = []
          shop.tables.charges = []
          const provider = new Provider()
          const old = provider.add(seeds)
          const later: string[] = []
          let at = 0
          const next = () => steps[at++ % steps.length] ?? { limit: 1, added: [] }

          const first = next()
          let here = await page(first.limit, null)
          const forward = [here.ids]
          while (here.nextCursor !== null) {
            const { limit, added } = next()
            later.push(...provider.add(added))
            here = await page(limit, here.nextCursor)
            forward.push(here.ids)
          }
          expect(new Set(forward.flat()).size).toBe(forward.flat().length)
          expect([...forward.flat()].sort()).toEqual([...old].sort())

          // Back from the last page: what stands before it, nearest first, and everything added meanwhile above.
          const lastPage = forward.at(-1) ?? []
          const back: string[][] = []
          while (here.prevCursor !== null) {
            here = await page(next().limit, here.prevCursor)
            back.unshift(here.ids)
          }
          if (forward.length > 1) {
            const seen = back.flat()
            expect(new Set(seen).size).toBe(seen.length)
            const before = old.filter((id) => !lastPage.includes(id))
            expect([...seen].sort()).toEqual([...before, ...later].sort())
          }

          // And forward again from where going back ended.
          const again: string[] = []
          while (here.nextCursor !== null) {
            here = await page(next().limit, here.nextCursor)
            again.push(...here.ids)
          }
          if (forward.length > 1) {
            const rest = [...old, ...later].filter((id) => !(back[0] ?? []).includes(id))
            expect([...again].sort()).toEqual(rest.sort())
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
