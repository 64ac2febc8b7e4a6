import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refuseOwnedBody } from '../../engine/request/index.ts'
import { openStand, type Stand } from '../http/stand.ts'
import { owned } from '../support/acme.ts'
import { codeOf } from '../support/code-of.ts'
import { codeIn, RAW_SURFACES, reachedDuring, SURFACES } from './support.ts'

let stand: Stand
let token: string
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(1)
  token = await stand.accountToken({ effects: ['read'], expires_in: null })
})
afterAll(() => stand.close())

const OWNED = ['Acme-Account', 'ACME-ACCOUNT', 'acme_account', 'Acme_Account']
const OVERRIDES = [
  'X-HTTP-Method-Override',
  'X-HTTP-Method',
  'X-Method-Override',
  'x_http_method_override',
  'X-Original-URL',
  'X-Rewrite-URL',
]

describe.each(RAW_SURFACES)('$name', (surface) => {
  it.each([...OWNED, ...OVERRIDES])('%s is refused', async (name) => {
    const reached = await reachedDuring(stand, async () => {
      const response = await surface.ask(stand, token, '/cus0000', { headers: { [name]: 'DELETE' } })
      expect(await codeIn(response)).toBe('owned_parameter')
    })
    expect(reached).toEqual([])
  })

  it('headers about the caller or its proxies do not go on', async () => {
    const headers = {
      'x-forwarded-for': '10.0.0.1',
      'x-forwarded-host': 'evil.example',
      forwarded: 'for=10.0.0.1',
      via: '1.1 evil',
      cookie: 'session=1',
      'proxy-authorization': 'Basic eA==',
    }
    const [reached] = await reachedDuring(stand, () => surface.ask(stand, token, '/cus0000', { headers }))
    for (const name of Object.keys(headers)) expect(reached?.headers).not.toHaveProperty(name)
  })
})

describe.each(SURFACES.slice(0, 2))('$name', (surface) => {
  it.each([...OWNED, ...OVERRIDES, 'X-Forwarded-Host', 'Cookie'])('%s stays here', async (name) => {
    const [reached] = await reachedDuring(stand, async () => {
      expect((await surface.ask(stand, token, '/cus0000', { headers: { [name]: 'DELETE' } })).status).toBe(200)
    })
    expect(reached?.verb).toBe('GET')
    expect(JSON.stringify(reached?.rawHeaders)).not.toContain('DELETE')
    expect(reached?.headers.authorization).toBe('Bearer ak_test_good1')
  })
})

describe('fields of a body that the caller may not set', () => {
  const rules = owned({ body: ['owner.id', 'merchant'] })
  it.each([
    { owner: { id: 1 } },
    { 'owner.id': 1 },
    { 'owner[id]': 1 },
    { 'owner[id][x]': 1 },
    { 'owner[id][]': 1 },
    { owner: { 'id[x]': 1 } },
    { 'merchant[]': 1 },
    { merchant: null },
  ])('%j is refused however it is written', (body) => {
    expect(codeOf(() => refuseOwnedBody(rules, body))).toBe('owned_parameter')
  })

  it.each([{ owner: { name: 1 } }, { owners: { id: 1 } }, { 'merchants[]': 1 }, { a: { merchant: 1 } }, {}])(
    '%j passes',
    (body) => {
      expect(() => refuseOwnedBody(rules, body)).not.toThrow()
    },
  )
})

describe('a provider answers', () => {
  it.each(RAW_SURFACES)('through $name with no word on who may read or run it', async (surface) => {
    stand.upstream.next = (_request, response) => {
      response.writeHead(200, {
        'content-type': 'text/html',
        'set-cookie': 'a=b',
        'access-control-allow-origin': '*',
        'access-control-allow-credentials': 'true',
        'x-content-type-options': 'off',
        'content-security-policy': "default-src 'unsafe-inline'",
        'proxy-authenticate': 'Basic',
      })
      response.end('<script>alert(1)</script>')
    }
    const { headers } = await surface.ask(stand, token, '/cus0000')
    const names = [...headers.keys()]
    expect(names.filter((name) => /^access-control-|^set-cookie|^proxy-/.test(name))).toEqual([])
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toMatch(/(^|, )sandbox$/)
  })
})
