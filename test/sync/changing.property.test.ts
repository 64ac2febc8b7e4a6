import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SEED } from '../support/seed.ts'
import { type Ledger, remove } from './ledger.ts'
import { CUSTOMERS, openSyncStand } from './stand.ts'

/** What happens at the provider just before it answers a page. */
const happening = fc.record({
  atPage: fc.nat({ max: 14 }),
  what: fc.constantFrom('add', 'addSameSecond', 'change', 'remove') as fc.Arbitrary<
    'add' | 'addSameSecond' | 'change' | 'remove'
  >,
  which: fc.nat({ max: 5_000 }),
})
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

function apply({ customers }: Ledger, { what, which }: Happening, nowS: number, n: number): void {
  const ids = [...customers.keys()]
  const chosen = ids[which % Math.max(1, ids.length)] ?? ''
  const known = customers.get(chosen)
  if (what === 'remove') remove(customers, chosen)
  else if (what === 'change' && known !== undefined) known.note = `changed ${n}`
  else {
    const created = what === 'add' ? nowS : (known?.created ?? nowS)
    customers.set(`new_${n}`, { id: `new_${n}`, created, name: `New ${n}` })
  }
}

it('whatever happens at the provider while it is read, the next runs bring what is kept to what is there', async () => {
  const stand = await openSyncStand()
  const { ledger, clock } = stand
  let n = 0
  const property = fc.asyncProperty(
    fc.integer({ min: 0, max: 450 }),
    fc.constantFrom(0, 0.02, 1, 5_000),
    fc.array(happening, { maxLength: 25 }),
    async (count, stepS, happenings) => {
      ledger.customers.clear()
      ledger.add(count, Math.floor(clock.now() / 1000) - 4_000_000, stepS)
      let pages = 0
      ledger.onPage = () => {
        for (const one of happenings.filter(({ atPage }) => atPage === pages)) {
          apply(ledger, one, Math.floor(clock.now() / 1000), n++)
        }
        pages += 1
        return undefined
      }
      const share = { max_deleted_share: 1 }
      const { id, run_id } = await stand.sync([CUSTOMERS], share)
      expect(await stand.ended(run_id)).toMatchObject({ status: 'succeeded' })
      await clock.advance(1_000)
      await run(id, 'auto')
      ledger.onPage = undefined
      await clock.advance(1_000)
      await run(id, 'full')
      const kept = [...(await stand.kept())].map(([key, { record }]) => [key, record.name, record.description])
      const there = [...ledger.customers.values()].map((one) => [one.id, one.name, one.note ?? null])
      expect(kept.sort()).toEqual(there.sort())
    },
  )
  const run = async (id: string, mode: string) => {
    const made = (await stand.call('POST', `/sync-job/${id}/run`, { body: { mode } })).body
    expect(await stand.ended(made.id)).toMatchObject({ status: 'succeeded' })
  }
  await fc.assert(property, { ...SEED, numRuns: 25 })
}, 240_000)
