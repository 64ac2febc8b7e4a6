import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { customersPath, openStand, type Stand } from '../http/stand.ts'
import { PAY, reachedDuring } from './support.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(3)
})
afterAll(() => stand.close())

const JSON_TYPE = { 'content-type': 'application/json' }
const UNIFIED = customersPath()
const PROXY = `/proxy/customers?${PAY}`
const EVERYWHERE = [
  ['POST', UNIFIED],
  ['PATCH', customersPath('/cus0000')],
  ['POST', PROXY],
  ['PATCH', `/proxy/customers/cus0000?${PAY}`],
  ['POST', '/integrated-account'],
  ['PATCH', '/integrated-account/acme-1'],
  ['POST', '/integrated-account/acme-1/token'],
  ['POST', '/environment'],
  ['PATCH', '/environment/default'],
  ['POST', '/api-token'],
] as const
/** Native bodies pass on fields that are not declared. */
const isNative = (path: string): boolean => path.startsWith('/proxy/')

describe.each(EVERYWHERE)('%s %s', (verb, path) => {
  it.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('refuses %s nested without end, at every place', async (_what, open, close) => {
    const deep = `${open.repeat(100_000)}1${close.repeat(100_000)}`
    for (const raw of [deep, `{"name":${deep}}`, `{"metadata":${deep}}`, `{"context":${deep}}`]) {
      const reached = await reachedDuring(stand, async () => {
        const { status, body } = await stand.call(verb, path, { raw, headers: JSON_TYPE })
        expect(body.code).toBe('invalid_body')
        expect(status).toBe(422)
      })
      expect(reached).toEqual([])
    }
  })

  it('refuses a body over the limit, declared or not', async () => {
    const raw = JSON.stringify({ name: 'x'.repeat(1_100_000) })
    const stream = new Blob([raw]).stream()
    for (const body of [raw, stream]) {
      expect((await stand.call(verb, path, { raw: body, headers: JSON_TYPE })).body.code).toBe('body_too_large')
    }
  })

  it('leaves the prototypes alone', async () => {
    for (const raw of [
      '{"__proto__":{"polluted":1}}',
      '{"constructor":{"prototype":{"polluted":1}}}',
      '{"name":{"__proto__":{"polluted":1}}}',
      '{"metadata":{"__proto__":{"polluted":1}},"context":{"__proto__":{"polluted":1}}}',
      '{"settings":{"__proto__":{"polluted":1}},"credentials":{"__proto__":"x"}}',
    ]) {
      expect((await stand.call(verb, path, { raw, headers: JSON_TYPE })).status).not.toBe(500)
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
})

it.each(EVERYWHERE.filter(([, path]) => !isNative(path)))(
  '%s %s answers a thousand faults in few words',
  async (verb, path) => {
    const body = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`field_${at}`, at]))
    const answer = await stand.call(verb, path, { body })
    expect(answer.body.code).toBe('invalid_body')
    expect(answer.body.detail).toMatch(/ and \d+ more$/)
    expect(JSON.stringify(answer.body).length).toBeLessThan(10_000)
  },
)
