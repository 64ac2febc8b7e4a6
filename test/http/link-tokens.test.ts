import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStand, type Stand } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
})
afterAll(() => stand.close())

const patch = (body: unknown) => stand.call('PATCH', '/environment/default', { body })
const make = (body: unknown, token?: string) =>
  stand.call('POST', '/link-token', { body, ...(token === undefined ? {} : { token }) })

describe('POST /link-token', () => {
  it('answers the token, its address and its end, and the address holds the secret behind the #', async () => {
    const { status, body } = await make({ tenant_id: 'tenant-1', expires_in: 600 })
    expect(status).toBe(201)
    expect(body.link_token).toMatch(/^lnk_[0-9a-f]{32}_[\w-]{43}$/)
    const [id, secret] = [body.link_token.slice(0, 36), body.link_token.slice(37)]
    expect(body.url).toBe(`${stand.url}/link/${id}#${secret}`)
    expect(body.expires_at).toBe(new Date(stand.clock.now() + 600_000).toISOString())
    const { result } = (await stand.call('GET', '/audit-log?action=link_token.create')).body
    expect(result).toContainEqual(expect.objectContaining({ target: `link:${id}`, outcome: 'succeeded' }))
  })

  it('is for tokens of role write and above', async () => {
    const { token } = (await stand.call('POST', '/api-token', { body: { role: 'write' } })).body
    expect((await make({ tenant_id: 't' }, token)).status).toBe(201)
  })

  it('takes the tenant of the account that is connected again, and its environment', async () => {
    const { body } = await make({ integrated_account_id: 'acme-1' })
    const link = await stand.server.services.stores.links.get(body.link_token.slice(0, 36))
    expect(link).toMatchObject({ environmentId: 'default', tenantId: 'tenant-1', integrations: ['acme'] })
  })

  it.each([
    [{}, 422, 'invalid_body', '/tenant_id'],
    [{ tenant_id: 't', integrations: [] }, 422, 'invalid_body', '/integrations'],
    [{ tenant_id: 't', integrations: ['nobody'] }, 404, 'unknown_integration', undefined],
    [{ tenant_id: 't', expires_in: 59 }, 422, 'invalid_body', '/expires_in'],
    [{ tenant_id: 't', expires_in: 2_592_001 }, 422, 'invalid_body', '/expires_in'],
    [{ integrated_account_id: 'nobody' }, 404, 'unknown_account', 'integrated_account_id'],
    [{ integrated_account_id: 'acme-1', integrations: ['acme'] }, 422, 'invalid_body', '/integrations'],
    [{ tenant_id: 't', colour: 'red' }, 422, 'invalid_body', 'body'],
  ])('refuses %j with %i %s', async (body, status, code, where) => {
    const answer = await make(body)
    expect({ status: answer.status, code: answer.body.code, where: answer.body.where }).toEqual({ status, code, where })
  })

  it('makes none for an account that is switched off', async () => {
    await stand.call('PATCH', '/integrated-account/acme-1', { body: { status: 'disabled' } })
    expect((await make({ integrated_account_id: 'acme-1' })).body.code).toBe('account_not_active')
    await stand.call('PATCH', '/integrated-account/acme-1', { body: { status: 'active' } })
  })

  it('takes an origin and a redirect URI that the environment lists, exactly', async () => {
    const listed = { allowed_origins: ['https://app.example.com'], redirect_uris: ['http://localhost:3000/done?x=1'] }
    expect((await patch(listed)).body).toMatchObject(listed)
    const places = { origin: 'https://app.example.com', redirect_uri: 'http://localhost:3000/done?x=1' }
    expect((await make({ tenant_id: 't', ...places })).status).toBe(201)
    const refused = await make({ tenant_id: 't', origin: 'https://other.example.com' })
    expect(refused.body).toMatchObject({ where: '/origin', valid: ['https://app.example.com'] })
  })
})

describe('the brand of an environment', () => {
  it('is changed by what is named, and taken away by null', async () => {
    const none = { name: null, logo: null, color: null, privacy_url: null }
    expect((await stand.call('GET', '/environment/default')).body.brand).toEqual(none)
    const logo = 'https://cdn.example.com/logo.png'
    await patch({ brand: { name: 'Northwind', color: '#0B6E4F' } })
    expect((await patch({ brand: { logo } })).body.brand).toEqual({
      ...none,
      name: 'Northwind',
      color: '#0b6e4f',
      logo,
    })
    expect((await patch({ brand: { name: null, logo: null } })).body.brand).toEqual({ ...none, color: '#0b6e4f' })
  })

  it.each(['#0b6e4f', '#ffff00', '#ffffff', '#000000', '#808080', '#ff00ff', null])(
    'keeps the colour %s legible in light and dark',
    async (color) => {
      await patch({ brand: { color } })
      const { body } = await make({ tenant_id: 't' })
      const css = String(
        (await stand.call('GET', `/link/${body.link_token.slice(0, 36)}/theme.css`, { token: null })).body,
      )
      const schemes = [...css.matchAll(/--accent:(#\w{6});--on-accent:(#\w{6});--accent-ink:(#\w{6})/g)]
      const pages = ['#ffffff', '#181b21']
      expect(schemes).toHaveLength(2)
      schemes.forEach(([, accent = '', onAccent = '', ink = ''], at) => {
        expect(contrast(accent, onAccent)).toBeGreaterThanOrEqual(4.5)
        expect(contrast(accent, pages[at] ?? '')).toBeGreaterThanOrEqual(3)
        expect(contrast(ink, pages[at] ?? '')).toBeGreaterThanOrEqual(4.5)
      })
    },
  )
})

/** WCAG 2.2, written anew. */
function contrast(one: string, other: string): number {
  const luminance = (hex: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

describe('DELETE /link-token/{id}', () => {
  it('takes a link back with what was begun on it, and keeps what it connected', async () => {
    const { stores } = stand.server.services
    const { body } = await make({ tenant_id: 'taken-back' })
    const check = await stores.links.check(body.link_token, stand.clock.now())
    if (check.state !== 'valid') throw new Error('no link')
    const cookie = await stores.links.openSession(check.link, stand.clock.now(), stand.clock.now() + 60_000)
    expect((await stand.call('DELETE', `/link-token/${body.id}`)).body).toEqual({ id: body.id })
    expect((await stores.links.check(body.link_token, stand.clock.now())).state).toBe('unknown')
    expect(await stores.links.session(cookie.reveal(), stand.clock.now())).toBeNull()
    const again = await stand.call('DELETE', `/link-token/${body.id}`)
    expect(again).toMatchObject({ status: 404, body: { code: 'not_found' } })
    const { result } = (await stand.call('GET', '/audit-log?action=link_token.revoke')).body
    expect(result).toMatchObject([{ target: `link:${body.id}`, outcome: 'succeeded' }])
  })
})
