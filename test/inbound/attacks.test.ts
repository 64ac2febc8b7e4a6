import { expect, it } from 'vitest'
import { onBothDatabases } from '../stores/backends.ts'
import { type Desk, openDesk, T } from './desk.ts'
import { delivery } from './provider.ts'

const stored = async (desk: Desk): Promise<number> => (await desk.call('GET', '/raw-event')).body.result.length
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code]

onBothDatabases((backend) => {
  it('nothing that is not signed for this address is stored', async () => {
    const desk = await openDesk(backend)
    const { url, secret } = desk.provider.hooks.get('hook_1')!
    const event = desk.provider.change('cus_1', T, 'Ada')
    const { body, headers } = delivery([event], secret, T)
    const old = delivery([event], secret, T - 301)
    const foreign = delivery([event], 'secret-of-another', T)
    const refused = [401, 'signature_refused']
    expect(codeOf(await desk.post(url, body))).toEqual(refused)
    expect(codeOf(await desk.post(url, `${body} `, headers))).toEqual(refused)
    expect(codeOf(await desk.post(url, old.body, old.headers))).toEqual(refused)
    expect(codeOf(await desk.post(url, foreign.body, foreign.headers))).toEqual(refused)
    expect(codeOf(await desk.post(url, body, { ...headers, 'acme-time': String(T + 1) }))).toEqual(refused)
    expect(codeOf(await desk.post(url, body, { ...headers, 'content-encoding': 'gzip' }))).toEqual([
      415,
      'unsupported_media_type',
    ])
    const large = delivery([{ ...event, kind: 'x'.repeat(1_048_576) }], secret, T)
    expect(codeOf(await desk.post(url, large.body, large.headers))).toEqual([413, 'body_too_large'])
    const nonsense = delivery([], secret, T)
    expect(codeOf(await desk.post(url, '', nonsense.headers))).toEqual(refused)
    expect(await stored(desk)).toBe(0)
    expect((await desk.post(url, body, headers)).status).toBe(200)
    expect(await stored(desk)).toBe(1)
  })

  it('an address that is guessed is as unknown as any, and only POST is taken', async () => {
    const desk = await openDesk(backend)
    const base = desk.server.url
    const { url } = desk.provider.hooks.get('hook_1')!
    const guesses = ['', 'acme-1', 'x'.repeat(43), `${url.split('/').at(-1)}x`, `${'x'.repeat(9000)}`]
    for (const guess of guesses) expect((await desk.post(`${base}/webhook-in/${guess}`, '{}')).status).toBe(404)
    expect((await fetch(url)).status).toBe(404)
  })

  it('an event reaches only the accounts attached to the secret that verified it', async () => {
    const desk = await openDesk(backend)
    expect((await desk.connect('acme-2')).status).toBe(201)
    await expect.poll(() => desk.provider.hooks.size, { timeout: 20_000 }).toBe(2)
    const [one, two] = [desk.provider.hooks.get('hook_1')!, desk.provider.hooks.get('hook_2')!]
    await expect
      .poll(async () => (await desk.account('acme-2')).webhook?.state, { timeout: 20_000 })
      .toBe('provisioned')
    const event = desk.provider.change('cus_1', T, 'Ada')
    const crossed = delivery([event], one.secret, T)
    expect((await desk.post(two.url, crossed.body, crossed.headers)).status).toBe(401)
    expect(await desk.deliver([event], 'hook_2')).toBe(200)
    const told = await desk.told()
    expect(told.map(({ integrated_account_id }) => integrated_account_id)).toEqual(['acme-2'])
    const foreign = desk.provider.change('cus_2', T, 'Eve', { account: 'acct_of_another' })
    expect(await desk.deliver([foreign], 'hook_2')).toBe(200)
    expect(await desk.told()).toHaveLength(1)
  })

  it('a token of one account sees the raw events of that account only', async () => {
    const desk = await openDesk(backend)
    await desk.connect('acme-2')
    await desk.deliver([desk.provider.change('cus_1', T, 'Ada')])
    const [event] = await desk.told()
    const tokenOf = async (id: string) => (await desk.call('POST', `/integrated-account/${id}/token`, {})).body.token
    const [own, other] = [await tokenOf('acme-1'), await tokenOf('acme-2')]
    expect((await desk.call('GET', `/raw-event/${event.raw_event_id}`, undefined, own)).status).toBe(200)
    expect((await desk.call('GET', `/raw-event/${event.raw_event_id}`, undefined, other)).status).toBe(404)
    expect((await desk.call('GET', '/raw-event', undefined, other)).body.result).toEqual([])
    const foreign = await desk.call('GET', '/raw-event?integrated_account_id=acme-1', undefined, other)
    expect(foreign.body.code).toBe('unknown_account')
    expect((await desk.call('POST', '/integrated-account/acme-1/webhook', {}, own)).status).toBe(403)
    const agent = (await desk.call('POST', '/integrated-account/acme-2/mcp', { name: 'an agent' })).body.token
    expect(agent).toMatch(/./)
    for (const path of ['/raw-event', `/raw-event/${event.raw_event_id}`]) {
      expect((await desk.call('GET', path, undefined, agent)).status, path).toBe(403)
    }
  })

  it('secrets are sealed, and neither the log nor the API has them or the address of another account', async () => {
    const desk = await openDesk(backend)
    await desk.deliver([desk.provider.change('cus_1', T, 'Ada')])
    await desk.told()
    const rows = await desk.server.services.stores.database.db.selectFrom('inbound_endpoints').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain('secret-of-hook')
    const { url } = (await desk.account()).webhook
    const told = JSON.stringify(desk.log.told)
    expect(told).not.toContain('secret-of-hook')
    expect(told).not.toContain(url.split('/').at(-1))
    const requests = (await desk.call('GET', '/request-log')).body
    expect(JSON.stringify(requests)).not.toContain(url.split('/').at(-1))
    expect(JSON.stringify(await desk.account())).not.toContain('secret-of-hook')
  })
})
