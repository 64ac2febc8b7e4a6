import { describe, expect, it, vi } from 'vitest'
import type { Operation } from '../engine/definition/catalog.ts'
import { compileCatalog } from '../engine/definition/index.ts'
import { resolveOperation } from '../engine/request/index.ts'
import { readDefinitions } from '../server/definitions.ts'
import { ROOT } from './support/house.ts'

const { catalog } = compileCatalog(await readDefinitions([{ path: ROOT }]))
const found = catalog?.integrations.get('stripe')
if (found === undefined) throw new Error('The definitions do not compile')
const stripe = found
const operations = [...stripe.operations.values()]

const withIds = ({ path }: Operation, id: string): string => path.source.replace(/\{\{[^}]*\}\}/g, id)

/** What a path resolves to, and how many entries of maps were looked at on the way. */
function resolved(verb: string, target: string, host: string): { id: string | undefined; steps: number } {
  const look = vi.spyOn(Map.prototype, 'get')
  try {
    return { id: resolveOperation(stripe, verb, target, host)?.id, steps: look.mock.calls.length }
  } finally {
    look.mockRestore()
  }
}

resolveOperation(stripe, 'GET', '/', 'default')

describe('every operation of Stripe', () => {
  it('is found by its verb and path, by which /custom and the drop-in port know its effect and limits', () => {
    const lost = operations.filter((one) => resolved(one.verb, withIds(one, 'xx_1'), one.host).id !== one.id)
    expect(lost.map(({ id }) => id)).toEqual([])
    expect(operations.length).toBeGreaterThan(700)
  })

  it('is found in a few steps a segment, however many operations there are', () => {
    const names = [
      ...new Set(operations.flatMap(({ path }) => path.source.split('/').filter((each) => /^\w+$/.test(each)))),
    ]
    const worst = operations.map((one, index) => {
      const target = withIds(one, names[index % names.length] ?? 'x')
      const steps = Math.max(...[target, withIds(one, 'xx_1')].map((path) => resolved(one.verb, path, one.host).steps))
      return { id: one.id, over: steps - 3 * target.split('/').length }
    })
    expect(worst.filter(({ over }) => over > 0)).toEqual([])
  })

  it('has a name of its own and an effect that fits its verb', () => {
    const odd = operations.filter(({ verb, effect }) => verb === 'GET' && effect !== 'read')
    expect(odd.map(({ id }) => id)).toEqual([])
    const reads = operations.filter(({ verb, effect }) => verb !== 'GET' && effect === 'read')
    expect(reads.map(({ id }) => id)).toEqual(['invoices.create_preview'])
  })

  const MOVES = /^\/v1\/(topups|payouts|transfers|refunds|issuing\/cards|treasury\/(outbound|inbound)_\w+)$/
  const KEYS =
    /^\/v\d\/(ephemeral_keys|account_links|webhook_endpoints|core\/event_destinations|terminal\/connection_tokens)$/

  it.each([
    ['money', MOVES],
    ['credential', KEYS],
  ] as const)('counts as %s where it makes what moves it or gives access', (effect, paths) => {
    const makes = operations.filter(({ verb, path }) => verb === 'POST' && paths.test(path.source))
    expect(makes.length).toBeGreaterThan(4)
    expect(makes.filter((one) => one.effect !== effect).map(({ id }) => id)).toEqual([])
  })

  it('of the second generation takes JSON and follows the address of the next page', () => {
    const second = operations.filter(({ path }) => path.source.startsWith('/v2/'))
    const bodies = new Set(second.filter(({ verb }) => verb === 'POST').map(({ request }) => request.body))
    const lists = new Set(second.filter(({ isList }) => isList).map(({ pagination }) => pagination?.strategy))
    expect([[...bodies], [...lists]]).toEqual([['json'], ['next_url']])
    expect(second.length).toBeGreaterThan(100)
  })
})
