import { expect, it } from 'vitest'
import type { LinkToken, NewLinkToken, NewOAuthFlow } from '../../server/stores/link-types.ts'
import { onBothDatabases, openAt, T0 } from './backends.ts'
import { rawRows } from './raw.ts'

const MINUTE = 60_000
const NEW: NewLinkToken = {
  ...{ tenantId: 't', integrations: null, integratedAccountId: null, redirectUri: null, origin: null, scopes: null },
  context: { plan: 'pro' },
  expiresAt: T0 + MINUTE,
}

onBothDatabases((backend) => {
  it('a link token is found by its value only, until it expires', async () => {
    const place = await backend.place()
    const { links } = await openAt(place)
    const input = { ...NEW, integrations: ['acme'], scopes: ['read'], origin: 'https://a.test' }
    const { value, link } = await links.create('default', input, T0)
    expect(value.reveal().startsWith(`${link.id}_`)).toBe(true)
    expect(await links.check(value.reveal(), T0)).toEqual({ state: 'valid', link })
    expect(await links.check(value.reveal(), T0 + MINUTE)).toMatchObject({ state: 'expired' })
    expect(await links.check(`${value.reveal()}x`, T0)).toEqual({ state: 'unknown' })
    expect(await links.get(link.id)).toEqual(link)
    expect(JSON.stringify(await rawRows(place, 'select * from link_tokens'))).not.toContain(value.reveal().slice(37))
  })

  it('one attempt runs at a time, one that was cut off gives way, and a spent token runs none', async () => {
    const { links } = await backend.open()
    const { value, link } = await links.create('default', NEW, T0)
    const [one, two] = await Promise.all([links.claim(link.id, T0, MINUTE), links.claim(link.id, T0, MINUTE)])
    expect([one, two].filter((lease) => lease !== null)).toHaveLength(1)
    const cut = (one ?? two) as string
    await links.remember(link.id, cut, 'ia_1')
    const next = (await links.claim(link.id, T0 + MINUTE, MINUTE)) as string
    expect(await links.spend(link.id, cut, T0 + MINUTE)).toBe(false)
    expect(await links.get(link.id)).toMatchObject({ accountId: 'ia_1', spentAt: null })
    await links.release(link.id, next)
    const last = (await links.claim(link.id, T0 + MINUTE, MINUTE)) as string
    expect(await links.spend(link.id, last, T0 + MINUTE)).toBe(true)
    expect(await links.claim(link.id, T0 + 9 * MINUTE, MINUTE)).toBeNull()
    expect(await links.check(value.reveal(), T0)).toMatchObject({ state: 'spent' })
  })

  it('a session is found by its cookie until it ends, and says how it went', async () => {
    const { links } = await backend.open()
    const { link } = await links.create('default', NEW, T0)
    const cookie = (await links.openSession(link, T0, T0 + MINUTE)).reveal()
    const session = await links.session(cookie, T0)
    expect(session).toMatchObject({ link: { id: link.id }, outcome: null })
    const outcome = { status: 'connected', accountId: 'ia_1', integration: 'acme' } as const
    await links.settle(session?.id ?? '', outcome)
    expect(await links.sessionById(session?.id ?? '', T0)).toMatchObject({ outcome })
    expect(await links.session(cookie, T0 + MINUTE)).toBeNull()
    expect(await links.session(`${cookie}x`, T0)).toBeNull()
  })

  it('a link to connect again goes with its account, and is made for one that is there only', async () => {
    const { links, accounts } = await backend.open()
    await accounts.create('default', { id: 'ia', integration: 'acme', tenantId: 't' }, T0)
    const again = { ...NEW, integratedAccountId: 'ia' }
    const { link } = await links.create('default', again, T0)
    await expect(links.create('other', again, T0)).rejects.toMatchObject({ code: 'unknown_account' })
    await accounts.delete('default', 'ia', { now: T0 })
    expect(await links.get(link.id)).toBeNull()
  })

  it('ended links are deleted with their sessions and authorizations after the retention of logs', async () => {
    const place = await backend.place()
    const stores = await openAt(place)
    const { link } = await stores.links.create('default', NEW, T0)
    const session = await openedSession(stores, link)
    await stores.oauthFlows.begin({ ...FLOW, sessionId: session }, T0)
    expect(await stores.sweep(T0 + MINUTE)).toMatchObject({ links: 0 })
    expect(await stores.sweep(T0 + 31 * 1_440 * MINUTE)).toMatchObject({ links: 1 })
    expect(await rawRows(place, 'select * from link_sessions')).toEqual([])
    expect(await rawRows(place, 'select * from oauth_flows')).toEqual([])
  })

  it('an authorization goes by ticket to one browser and comes back by state from it, once', async () => {
    const place = await backend.place()
    const stores = await openAt(place)
    const { oauthFlows: flows } = stores
    const session = await openedSession(stores, (await stores.links.create('default', NEW, T0)).link)
    const ticket = (await flows.begin({ ...FLOW, sessionId: session }, T0)).reveal()
    expect(await flows.waiting(`${ticket}x`, T0)).toBeNull()
    expect(await flows.waiting(ticket, T0 + MINUTE)).toBeNull()
    const flow = await flows.waiting(ticket, T0)
    if (flow === null) throw new Error('no flow')
    const bound = { state: 'state-1', browser: 'browser-1', expiresAt: T0 + MINUTE }
    const more = { ...flow, kept: { ...flow.kept, codeVerifier: 'verifier-secret' } }
    expect(await flows.depart(more, bound)).toBe(true)
    expect(await flows.depart(more, { ...bound, state: 'state-2' })).toBe(false)
    expect(await flows.waiting(ticket, T0)).toBeNull()
    const none = { flow: null, sessionId: session }
    expect(await flows.arrive('state-1', 'browser-2', T0)).toEqual(none)
    expect(await flows.arrive('state-1', undefined, T0)).toEqual(none)
    expect(await flows.arrive('state-1', 'browser-1', T0 + MINUTE)).toEqual(none)
    expect(await flows.arrive('state-9', 'browser-1', T0)).toEqual({ flow: null, sessionId: null })
    expect(JSON.stringify(await rawRows(place, 'select * from oauth_flows'))).not.toMatch(
      /verifier-secret|field-secret/,
    )
    const seen = await Promise.all([flows.arrive('state-1', 'browser-1', T0), flows.arrive('state-1', 'browser-1', T0)])
    expect(seen.map((one) => one.flow?.kept ?? null)).toEqual(
      expect.arrayContaining([null, { fields: { key: 'field-secret' }, codeVerifier: 'verifier-secret' }]),
    )
  })
})

const FLOW: Omit<NewOAuthFlow, 'sessionId'> = {
  ...{ integration: 'acme', method: 'oauth', window: 'page' },
  kept: { fields: { key: 'field-secret' } },
  expiresAt: T0 + MINUTE,
}

async function openedSession(stores: Awaited<ReturnType<typeof openAt>>, link: LinkToken): Promise<string> {
  const cookie = (await stores.links.openSession(link, T0, T0 + 90 * 1_440 * MINUTE)).reveal()
  return (await stores.links.session(cookie, T0))?.id ?? ''
}
