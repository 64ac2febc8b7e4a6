import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GOOD_KEY } from '../http/upstream.ts'
import { APP_DONE, APP_ORIGIN, type LinkDesk, openLinkDesk } from '../link/desk.ts'
import { type Seen, Visitor } from '../link/visit.ts'

let desk: LinkDesk
beforeAll(async () => {
  desk = await openLinkDesk()
})
afterAll(() => desk?.close())

const visitor = () => new Visitor(desk.stand.url)
const idOf = (url: string) => new URL(url).pathname.split('/').at(-1) as string

/** What the audit log of an environment has of an actor. */
async function acts(actor: string, environment = 'default') {
  const { result } = await desk.stand.server.services.stores.audit.list(environment, { actor })
  return result.map(({ action, outcome, details }) => ({ action, outcome, code: details.code }))
}

/** The call was refused with this code, and that stands in the audit log. */
async function refused(seen: Seen, url: string, status: number, code: string) {
  expect({ status: seen.status, code: seen.code }).toEqual({ status, code })
  expect(await acts(`link:${idOf(url)}`)).toContainEqual({ action: 'link.use', outcome: 'denied', code })
}

/** A browser that has opened a link of its own. */
async function opened(given: Record<string, unknown> = {}) {
  const { url } = await desk.link(given)
  const person = visitor()
  expect((await person.open(url)).status).toBe(204)
  return { url, person }
}

describe('a link token', () => {
  it('that is forged, cut or of another link opens nothing', async () => {
    const one = await desk.link()
    const other = await desk.link()
    const path = new URL(one.url).pathname
    for (const token of ['', one.link_token.slice(0, -1), `${one.link_token}x`, other.link_token, { $ne: null }]) {
      await refused(await visitor().post(`${path}/session`, { token }), one.url, 401, 'unauthorized')
    }
    const person = visitor()
    await person.post(`${new URL(other.url).pathname}/session`, { token: other.link_token })
    expect((await person.get(path)).text).not.toContain('data-proof')
  })

  it('that has expired opens nothing, and nothing that was opened with it lasts for ever', async () => {
    const { url, person } = await opened({ expires_in: 60 })
    await desk.stand.clock.advance(60_000)
    await refused(await visitor().open(url), url, 401, 'expired_token')
    await desk.stand.clock.advance(3_600_000)
    await refused(await person.connect(url, GOOD_KEY), url, 401, 'unauthorized')
  })

  it('connects one account: a replay is refused, in the same browser and in another', async () => {
    const { url, person } = await opened()
    const late = visitor()
    await late.open(url)
    expect((await person.connect(url, GOOD_KEY)).status).toBe(200)
    for (const again of [person, late]) await refused(await again.connect(url, GOOD_KEY), url, 401, 'link_token_spent')
    await refused(await visitor().open(url), url, 401, 'link_token_spent')
  })

  it('that was taken back opens nothing, and neither does what was opened with it', async () => {
    const { url, person } = await opened()
    await desk.stand.call('DELETE', `/link-token/${idOf(url)}`)
    expect((await visitor().open(url)).status).toBe(404)
    expect((await person.connect(url, GOOD_KEY)).status).toBe(404)
  })

  it('is exchanged thirty times a minute at most', async () => {
    const { url } = await desk.link()
    for (let count = 1; count <= 30; count++) expect((await visitor().open(url)).status).toBe(204)
    const late = await visitor().open(url)
    expect(late).toMatchObject({ status: 429, code: 'token_rate_limited', headers: { 'retry-after': '60' } })
    await desk.stand.clock.advance(60_000)
    expect((await visitor().open(url)).status).toBe(204)
  })

  it('is not spent by looking at the page, nor by a key that is refused', async () => {
    const { url, person } = await opened()
    await visitor().get(new URL(url).pathname)
    await visitor().open(url)
    expect((await person.connect(url, 'ak_test_wrong')).code).toBe('invalid_credentials')
    expect((await person.connect(url, GOOD_KEY)).status).toBe(200)
  })

  it('used by two windows at once connects one account', async () => {
    const { url, person } = await opened()
    const before = (await desk.stand.call('GET', '/integrated-account?limit=1000')).body.result.length
    const seen = await Promise.all([person.connect(url, GOOD_KEY), person.connect(url, GOOD_KEY)])
    expect(seen.map(({ status }) => status).sort()).not.toEqual([200, 200])
    expect((await desk.stand.call('GET', '/integrated-account?limit=1000')).body.result.length).toBe(before + 1)
  })

  it('is kept as a hash only, and stands in no log and in no audit', async () => {
    const { url, link_token: token } = await desk.link()
    await visitor().open(url)
    const { stores } = desk.stand.server.services
    await stores.requests.flush()
    const kept = JSON.stringify([
      desk.stand.log.told,
      await stores.requests.list('default', { limit: 1_000 }),
      await stores.audit.list('default', { limit: 1_000 }),
      await stores.links.get(idOf(url)),
    ])
    expect(kept).not.toContain(token.slice(37))
  })
})

describe('what a link token may name', () => {
  const make = (body: Record<string, unknown>, token?: string) =>
    desk.stand.call('POST', '/link-token', { body: { tenant_id: 't', ...body }, ...(token ? { token } : {}) })

  it.each([
    ['https://evil.example.com'],
    [`${APP_ORIGIN}.evil.com`],
    [`${APP_ORIGIN}/`],
    [`${APP_ORIGIN}:8443`],
    ['http://app.example.com'],
    ['*'],
    ['null'],
  ])('the origin %j is none of the list', async (origin) => {
    expect((await make({ origin })).body).toMatchObject({ code: 'invalid_body', where: '/origin' })
  })

  it.each([
    [`${APP_DONE}/`],
    [`${APP_DONE}?next=https://evil.example.com`],
    [`${APP_DONE}#x`],
    ['https://app.example.com.evil.com/done'],
    ['https://app.example.com/done/../steal'],
    ['javascript:alert(1)'],
  ])('the redirect URI %j is none of the list', async (redirect_uri) => {
    expect((await make({ redirect_uri })).body).toMatchObject({ code: 'invalid_body', where: '/redirect_uri' })
  })

  it('no list takes an address that runs or reads anything', async () => {
    for (const uri of [
      'javascript:alert(1)',
      'data:text/html,x',
      'http://app.example.com/done',
      'https://a@b.c/',
      'x',
    ]) {
      const body = { redirect_uris: [uri] }
      expect((await desk.stand.call('PATCH', '/environment/default', { body })).body.code).toBe('invalid_body')
    }
  })

  it('an account of another environment is unknown, with a token of this one', async () => {
    await desk.stand.call('POST', '/environment', { body: { id: 'theirs', name: 'Theirs' } })
    const body = { integration: 'acme', tenant_id: 't', credentials: { key: GOOD_KEY } }
    const headers = { 'x-onefold-environment': 'theirs' }
    const theirs = (await desk.stand.call('POST', '/integrated-account', { body, headers })).body.id
    const { token } = (await desk.stand.call('POST', '/api-token', { body: { role: 'write' } })).body
    const answer = await make({ integrated_account_id: theirs }, token)
    expect([answer.status, answer.body.code]).toEqual([404, 'unknown_account'])
    expect((await make({ integrated_account_id: 'acme-1', tenant_id: 'tenant-2' })).body.code).toBe('unknown_account')
  })

  it('a token of role read, and one of an account, make none', async () => {
    const { token } = (await desk.stand.call('POST', '/api-token', { body: { role: 'read' } })).body
    for (const one of [token, await desk.stand.accountToken({ effects: ['read', 'write', 'money'] })]) {
      expect((await make({}, one)).body.code).toBe('forbidden')
    }
  })

  it('a provider that the link does not offer is not connected, however the form is filled', async () => {
    const { url, person } = await opened()
    for (const integration of ['basalt_payments', 'nobody', '__proto__']) {
      const form = { integration, method: 'key', fields: { key: GOOD_KEY } }
      await refused(await person.post(`${new URL(url).pathname}/connect`, form), url, 404, 'unknown_integration')
    }
  })

  it('a form cannot point the account at another host, nor fill what it does not have', async () => {
    const { url, person } = await opened()
    for (const name of ['base_url', '__proto__', 'account', 'id']) {
      const fields = JSON.parse(`{"key":"${GOOD_KEY}","${name}":"http://evil.example.com"}`)
      const seen = await person.post(`${new URL(url).pathname}/connect`, { integration: 'acme', method: 'key', fields })
      expect([seen.status, seen.code]).toEqual([422, 'invalid_body'])
    }
  })
})

describe('the session of a browser', () => {
  it('is a __Host- cookie that scripts do not see, in a partition of the site that frames the page', async () => {
    const { url } = await desk.link()
    const [cookie] = (await visitor().open(url)).headers['set-cookie'] as string[]
    expect(cookie).toMatch(
      new RegExp(
        `^__Host-onefold_${idOf(url)}=[\\w-]{43}; Path=/; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=3600$`,
      ),
    )
  })

  it('changes nothing for a page of another origin, with or without the proof', async () => {
    const { url, person } = await opened()
    for (const headers of [
      { origin: 'https://evil.example.com' },
      { origin: APP_ORIGIN },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'x-onefold-link': '' },
      { 'x-onefold-link': 'x'.repeat(43) },
    ]) {
      await refused(await person.connect(url, GOOD_KEY, headers as Record<string, string>), url, 403, 'forbidden')
    }
    const without = await person.post(`${new URL(url).pathname}/connect`, {}, { origin: '' })
    expect(without.status).toBe(403)
  })

  it('cannot be begun for somebody by a page of another origin', async () => {
    const { url, link_token: token } = await desk.link()
    const headers = { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' }
    await refused(await visitor().post(`${new URL(url).pathname}/session`, { token }, headers), url, 403, 'forbidden')
  })

  it('is of one link: its cookie and its proof open no other', async () => {
    const mine = await opened()
    const theirs = await desk.link()
    const value = mine.person.cookies.get(`__Host-onefold_${idOf(mine.url)}`) as string
    mine.person.cookies.set(`__Host-onefold_${idOf(theirs.url)}`, value)
    await refused(await mine.person.connect(theirs.url, GOOD_KEY), theirs.url, 401, 'unauthorized')
  })

  it('is not opened by a form post of any type that needs no preflight', async () => {
    const { url, person } = await opened()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect((await person.connect(url, GOOD_KEY, { 'content-type': type })).status).toBe(415)
    }
  })
})

describe('the page', () => {
  it('may be framed by the origin of its link only, while that is listed', async () => {
    const policy = async (url: string) => (await visitor().get(new URL(url).pathname)).headers
    const named = await desk.link({ origin: APP_ORIGIN })
    expect((await policy(named.url))['content-security-policy']).toContain(`frame-ancestors ${APP_ORIGIN};`)
    const plain = await policy((await desk.link()).url)
    expect(plain['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(plain['x-frame-options']).toBe('DENY')
    await desk.stand.call('PATCH', '/environment/default', { body: { allowed_origins: [] } })
    expect((await policy(named.url))['content-security-policy']).toContain("frame-ancestors 'none'")
    await desk.stand.call('PATCH', '/environment/default', { body: { allowed_origins: [APP_ORIGIN] } })
  })

  it('runs no script but ours, sends no referrer, is not kept and asks nothing of others', async () => {
    const { url, person } = await opened()
    for (const path of ['', '?integration=acme', '?integration=acme&method=key']) {
      const { headers, text } = await person.get(`${new URL(url).pathname}${path}`)
      const policy = headers['content-security-policy'] as string
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;")
      expect(policy).toContain("base-uri 'none'; form-action 'none'")
      expect(policy).not.toContain('unsafe')
      expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
      expect(text).not.toMatch(/<script(?! src="\/link\/page\.js" type="module"><\/script>)|\son\w+=|style=/)
    }
  })

  it('of a host that is not served is not shown', async () => {
    const { url } = await desk.link()
    expect((await visitor().get(new URL(url).pathname, { host: 'evil.example.com' })).status).toBe(421)
  })

  it('says nothing of a link to whoever knows its id only', async () => {
    const { text } = await visitor().get(new URL((await desk.link({ tenant_id: 'tenant-secret' })).url).pathname)
    expect(text).not.toContain('Acme')
    expect(text).not.toContain('tenant-secret')
    expect((await visitor().get(`/link/lnk_${'0'.repeat(32)}`)).status).toBe(404)
  })
})
