import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStand, type Stand } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
})
afterAll(() => stand.close())

/** A part of a random batch; `before` are places of parts that come earlier in some order. */
interface Node {
  readonly before: readonly number[]
  readonly fails: boolean
  /** Calls of a loop; null is no loop. */
  readonly times: number | null
  readonly isMet: boolean
  /** Waits by `depends_on`, or by an expression that reads the answer. */
  readonly isDeclared: boolean
  readonly place: number
}

const node = (at: number): fc.Arbitrary<Node> =>
  fc.record({
    before: at === 0 ? fc.constant([]) : fc.uniqueArray(fc.nat(at - 1), { maxLength: 3 }),
    fails: fc.boolean().map((one) => one && at % 3 === 1),
    times: fc.option(fc.integer({ min: 0, max: 4 }), { freq: 3 }),
    isMet: fc.integer({ min: 0, max: 9 }).map((one) => one > 0),
    isDeclared: fc.boolean(),
    place: fc.nat(1000),
  })

const graph = fc
  .integer({ min: 1, max: 9 })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, at) => node(at))))

const nameOf = (at: number): string => `part-${at}`

function partOf({ before, fails, times, isMet, isDeclared }: Node, at: number) {
  const reads = before.map((one) => `$string(resources.\`${nameOf(one)}\`)`).join(' & ')
  const mark = times === null ? `${at}` : `${at}_{{ item }}`
  return {
    name: nameOf(at),
    resource: 'customers',
    integrated_account_id: 'acme-1',
    ...(fails ? { method: 'get', id: `gone_${mark}` } : { method: 'list', query: { email: `mark_${mark}` } }),
    ...(before.length > 0 && isDeclared ? { depends_on: before.map(nameOf) } : {}),
    ...(times === null ? {} : { for_each: Array.from({ length: times }, (_, index) => index), concurrency: 2 }),
    when: before.length > 0 && !isDeclared ? `{{ $length(${reads} & '.') > 0 and ${isMet} }}` : isMet,
  }
}

type Status = 'done' | 'failed' | 'skipped'

/** How each part must end, and how many calls it makes. */
function expected(nodes: readonly Node[]): { readonly status: Status; readonly calls: number }[] {
  const ends: { status: Status; calls: number }[] = []
  for (const { before, isMet, fails, times } of nodes) {
    const isOpen = before.some((one) => ends[one]?.status !== 'done') || !isMet
    const calls = isOpen ? 0 : (times ?? 1)
    ends.push({ status: isOpen ? 'skipped' : fails && calls > 0 ? 'failed' : 'done', calls })
  }
  return ends
}

describe('a batch of any shape', () => {
  it('makes each call once and after what it waits for, skips what waits for a failure, and sums its cost', async () => {
    await fc.assert(
      fc.asyncProperty(graph, async (nodes) => {
        const order = nodes.map((one, at) => ({ part: partOf(one, at), place: one.place, at }))
        const shuffled = order.toSorted((a, b) => a.place - b.place)
        const from = stand.upstream.reached.length
        const { status, body } = await stand.call('POST', '/batch-request', {
          body: { resources: shuffled.map(({ part }) => part), max_requests: 1000 },
        })
        expect(status).toBe(200)
        expect(body.resources.map(({ name }: { name: string }) => name)).toEqual(shuffled.map(({ part }) => part.name))
        const ends = expected(nodes)
        for (const [index, { at }] of shuffled.entries()) {
          expect([at, body.resources[index].status]).toEqual([at, ends[at]?.status])
        }
        const marks = stand.upstream.reached.slice(from).map(({ target }) => /(?:mark|gone)_(\d+)/.exec(target)?.[1])
        const wanted = ends.flatMap(({ calls }, at) => Array.from({ length: calls }, () => String(at)))
        expect(marks.toSorted()).toEqual(wanted.toSorted())
        for (const [at, { before }] of nodes.entries()) {
          for (const one of before) {
            const first = marks.indexOf(String(at))
            if (first >= 0) expect(marks.lastIndexOf(String(one))).toBeLessThan(first)
          }
        }
        expect(body.cost).toMatchObject({ calls: marks.length, upstream_requests: marks.length })
      }),
      { numRuns: 60 },
    )
  }, 120_000)
})
