import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStand, type Stand } from '../http/stand.ts'
import { codeIn, RAW_SURFACES, reachedDuring, SURFACES } from './support.ts'

let stand: Stand
let token: string
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(2)
  token = await stand.accountToken({ effects: ['read', 'write', 'money'], expires_in: null })
})
afterAll(() => stand.close())

const WAYS_OUT = [
  '..%2F..%2Fkeys',
  '..%2fkeys',
  '%2e%2e%2Fkeys',
  'cus0000%2F..%2F..%2Fkeys',
  '%252e%252e%252fkeys',
  '%25252e%25252e%25252fkeys',
  '..%5C..%5Ckeys',
  '..%5ckeys',
  '..;x%2Fkeys',
]

describe.each(SURFACES)('$name', (surface) => {
  it.each(WAYS_OUT)('an id %s is no way out of its segment', async (id) => {
    const reached = await reachedDuring(stand, async () => {
      expect(await codeIn(await surface.ask(stand, token, `/${id}`))).toBe('path_not_allowed')
    })
    expect(reached).toEqual([])
  })

  it.each(['caf%C3%A9', '%F0%9F%92%B8', 'a%3Fexpand=1', 'a%23b', '%7B%7B%20$credentials.key%20%7D%7D', 'a:b@c'])(
    'an id %s arrives as one segment with nothing behind it',
    async (id) => {
      const [reached, ...more] = await reachedDuring(stand, () => surface.ask(stand, token, `/${id}`))
      expect(more).toEqual([])
      const { target = '' } = reached ?? {}
      expect(target.split('/')).toHaveLength(4)
      expect(target).not.toMatch(/[?#]/)
      expect(decodeURIComponent(target.split('/')[3] ?? '')).toBe(decodeURIComponent(id))
    },
  )
})

describe.each(SURFACES.slice(0, 2))('$name', (surface) => {
  it('a slash in an id stays inside of its segment', async () => {
    const [reached] = await reachedDuring(stand, () => surface.ask(stand, token, '/cus0000%2Fsources'))
    expect(reached?.target).toBe('/v1/customers/cus0000%2Fsources')
  })

  it('line breaks and NUL in an id stay percent-encoded', async () => {
    const [reached] = await reachedDuring(stand, () => surface.ask(stand, token, '/x%0d%0aAcme-Account:%20y%00'))
    expect(reached?.target).toBe('/v1/customers/x%0D%0AAcme-Account%3A%20y%00')
    expect(reached?.headers).not.toHaveProperty('acme-account')
  })
})

describe('an id that is the name of another operation', () => {
  const body = JSON.stringify({ name: 'X' })
  const headers = { 'content-type': 'application/json' }

  it('does not become that operation', async () => {
    const reached = await reachedDuring(stand, async () => {
      const { body: answer } = await stand.call('GET', '/unified/payment-gateway/customers/count', { token })
      expect(answer.code).toBe('path_not_allowed')
    })
    expect(reached).toEqual([])
  })

  it('does no harm where its verb has none of that name', async () => {
    const [unified] = SURFACES
    const [reached] = await reachedDuring(stand, async () => {
      await unified?.ask(stand, token, '/count', { method: 'PATCH', body, headers })
    })
    expect(reached).toMatchObject({ verb: 'PATCH', target: '/v1/customers/count' })
  })
})

describe.each(RAW_SURFACES)('a raw path on $name', (surface) => {
  it.each(['/cus0000%2Fsources', '/a%00', '/a%0d%0aX:%20y', '//keys', '/cus%255C0', '/%ff'])(
    '%s is refused',
    async (rest) => {
      const reached = await reachedDuring(stand, async () => {
        expect(await codeIn(await surface.ask(stand, token, rest))).toBe('path_not_allowed')
      })
      expect(reached).toEqual([])
    },
  )

  it.each(['/../keys', '/%2e%2e/keys', '/.%2e/keys'])(
    '%s asks for what it comes to, which the token does not reach',
    async (rest) => {
      const reached = await reachedDuring(stand, async () => {
        expect(await codeIn(await surface.ask(stand, token, rest))).toBe('forbidden')
      })
      expect(reached).toEqual([])
    },
  )
})
