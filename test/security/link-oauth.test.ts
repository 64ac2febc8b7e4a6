import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LinkDesk, openLinkDesk } from '../link/desk.ts'
import { agree, CLIENT, type OAuthProvider, openOAuthProvider, withOAuth } from '../link/oidc.ts'
import { type Seen, Visitor } from '../link/visit.ts'

let desk: LinkDesk
let provider: OAuthProvider
beforeAll(async () => {
  provider = await openOAuthProvider()
  desk = await openLinkDesk({ rewrite: withOAuth(provider.origin) })
  provider.serve(`${desk.stand.url}/oauth/callback/acme`)
  await desk.stand.call('PUT', '/environment/default/oauth-app/acme/oauth', { body: { fields: CLIENT } })
})
afterAll(async () => {
  await desk?.close()
  await provider?.close()
})

const FORM = { integration: 'acme', method: 'oauth', fields: {} }
const idOf = (url: string) => new URL(url).pathname.split('/').at(-1) as string
const pathOf = (callback: string) => callback.slice(desk.stand.url.length)

/** A browser whose person is about to go to the provider. */
async function about(): Promise<{ url: string; person: Visitor; ticket: string }> {
  const { url } = await desk.link()
  const person = new Visitor(desk.stand.url)
  await person.open(url)
  const seen = await person.post(`${new URL(url).pathname}/connect`, FORM)
  return { url, person, ticket: JSON.parse(seen.text).ticket }
}

/** A browser whose person has agreed at the provider, with the callback that is to be fired next. */
async function agreed(login = 'ada') {
  const { url, person, ticket } = await about()
  const start = await person.post('/oauth/start', { ticket })
  return { url, person, callback: pathOf(await agree(JSON.parse(start.text).url, login)) }
}

/** The callback links nothing: it is refused with 403, and that stands in the audit log. */
async function refused(seen: Seen, url: string): Promise<void> {
  expect(seen.status).toBe(403)
  expect(seen.text).toContain('This sign-in is over')
  const { result } = await desk.stand.server.services.stores.audit.list('default', { actor: `link:${idOf(url)}` })
  expect(result[0]).toMatchObject({ outcome: 'denied', details: { code: 'oauth_state_refused' } })
  expect(await accountsOf(url)).toEqual([])
}

async function accountsOf(url: string): Promise<unknown[]> {
  const link = await desk.stand.server.services.stores.links.get(idOf(url))
  const { result } = (await desk.stand.call('GET', '/integrated-account?status=active&limit=1000')).body
  return result.filter(({ id }: { id: string }) => id === link?.accountId)
}

/** What the page of the link says of the callback. */
const pageAfter = async (person: Visitor, seen: Seen) => (await person.get(String(seen.headers.location))).text

it('a callback links the account in the browser that left with it', async () => {
  const { url, person, callback } = await agreed()
  const seen = await person.get(callback)
  expect([seen.status, seen.headers.location]).toEqual([303, `/link/${idOf(url)}?integration=acme`])
  expect(await pageAfter(person, seen)).toContain('Acme Pay is connected')
  expect(await accountsOf(url)).toHaveLength(1)
})

it('a callback that is fired in another browser links nothing', async () => {
  const { url, person, callback } = await agreed()
  await refused(await new Visitor(desk.stand.url).get(callback), url)
  const other = await agreed('eve')
  await refused(await other.person.get(callback), url)
  expect((await person.get(callback)).status).toBe(303)
})

it('a state works once', async () => {
  const { person, callback } = await agreed()
  expect((await person.get(callback)).status).toBe(303)
  expect((await person.get(callback)).status).toBe(403)
})

it('a state that is over links nothing', async () => {
  const { url, person, callback } = await agreed()
  await desk.stand.clock.advance(900_000)
  await refused(await person.get(callback), url)
})

it('a state of one provider is none of another', async () => {
  const { url, person, callback } = await agreed()
  await refused(await person.get(callback.replace('/callback/acme', '/callback/cobalt')), url)
})

it('a callback without a state, with two of them or with one that was made up is refused', async () => {
  const { url, person, callback } = await agreed()
  const at = '/oauth/callback/acme'
  const code = new URL(callback, desk.stand.url).searchParams.get('code')
  for (const query of ['', `?code=${code}`, `?code=${code}&state=`, `?code=${code}&state=${'x'.repeat(43)}`]) {
    expect((await person.get(`${at}${query}`)).status).toBe(403)
  }
  await refused(await person.get(`${callback}&state=${'x'.repeat(43)}`), url)
})

it.each([
  ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example.com')],
  ['no issuer', (url: URL) => url.searchParams.delete('iss')],
  ['a code that was made up', (url: URL) => url.searchParams.set('code', 'x'.repeat(43))],
])('a callback with %s links nothing, and the page tells it', async (_what, change) => {
  const { url, person, callback } = await agreed()
  const changed = new URL(callback, desk.stand.url)
  change(changed)
  const seen = await person.get(pathOf(changed.href))
  expect(await pageAfter(person, seen)).toContain('Acme Pay did not complete the sign-in')
  expect(await accountsOf(url)).toEqual([])
})

it('a code of one person does not get into the flow of another', async () => {
  const [mine, theirs] = [await agreed('ada'), await agreed('eve')]
  const code = new URL(theirs.callback, desk.stand.url).searchParams.get('code') as string
  const mixed = new URL(mine.callback, desk.stand.url)
  mixed.searchParams.set('code', code)
  const seen = await mine.person.get(pathOf(mixed.href))
  expect(await pageAfter(mine.person, seen)).toContain('Acme Pay did not complete the sign-in')
  expect(await accountsOf(mine.url)).toEqual([])
})

it('a ticket takes one window to the provider, from our own page, for a short time', async () => {
  const { person, ticket } = await about()
  for (const headers of [{ origin: 'https://evil.example.com' }, { 'sec-fetch-site': 'cross-site' }]) {
    const seen = await person.post('/oauth/start', { ticket }, headers as Record<string, string>)
    expect([seen.status, seen.code]).toEqual([403, 'forbidden'])
  }
  expect((await person.post('/oauth/start', { ticket: `${ticket}x` })).code).toBe('oauth_state_refused')
  expect((await person.post('/oauth/start', { ticket })).status).toBe(200)
  expect((await person.post('/oauth/start', { ticket })).code).toBe('oauth_state_refused')
  const late = await about()
  await desk.stand.clock.advance(120_000)
  expect((await late.person.post('/oauth/start', { ticket: late.ticket })).code).toBe('oauth_state_refused')
})

it('the page on the way to a provider takes no ticket from its address and is framed by nobody', async () => {
  const { ticket } = await about()
  const { headers, text } = await new Visitor(desk.stand.url).get(`/oauth/start?ticket=${ticket}`)
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
  expect(text).not.toContain(ticket)
})

it('the cookie of the browser is out of reach of scripts and of other sites', async () => {
  const { person, ticket } = await about()
  const { headers } = await person.post('/oauth/start', { ticket })
  expect(headers['set-cookie']).toEqual([
    expect.stringMatching(/^__Host-onefold_oauth=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=900$/),
  ])
})

it('neither state, code, verifier nor token stands in a log, an audit or the database in plain', async () => {
  const { person, callback } = await agreed('zoe')
  await person.get(callback)
  const { stores } = desk.stand.server.services
  await stores.requests.flush()
  const parameters = new URL(callback, desk.stand.url).searchParams
  const kept = JSON.stringify([
    desk.stand.log.told,
    await stores.requests.list('default', { limit: 1_000 }),
    await stores.audit.list('default', { limit: 1_000 }),
  ])
  for (const secret of [parameters.get('state'), parameters.get('code'), CLIENT.client_secret]) {
    expect(kept).not.toContain(secret)
  }
})

it('a method whose app the environment does not have is not offered', async () => {
  await desk.stand.call('DELETE', '/environment/default/oauth-app/acme/oauth')
  const { url } = await desk.link()
  const person = new Visitor(desk.stand.url)
  await person.open(url)
  expect((await person.get(new URL(url).pathname)).text).not.toContain('Sign in with Acme Pay')
  const seen = await person.post(`${new URL(url).pathname}/connect`, FORM)
  const left = await person.post('/oauth/start', { ticket: JSON.parse(seen.text).ticket })
  expect(left.code).toBe('oauth_app_missing')
})
