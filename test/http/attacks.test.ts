import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Route } from '../../server/http/route.ts'
import { ROUTES } from '../../server/http/routes/index.ts'
import { openStand, type Stand } from './stand.ts'
import { GOOD_KEY } from './upstream.ts'

let stand: Stand
/** Values of path parameters, all of another environment than the tokens. */
let theirs: Record<string, string>
/** Routes that answered 404 for what belongs to another environment. */
const missed: string[] = []
const tokens = { admin: '', expired: '', revoked: '', foreign: '', account: '' }

beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(1)
  await stand.call('POST', '/environment', { body: { id: 'theirs', name: 'Theirs' } })
  const inTheirs = { headers: { 'x-onefold-environment': 'theirs' } }
  const settings = { base_url: stand.upstream.origin }
  const account = { integration: 'acme', tenant_id: 't', credentials: { key: GOOD_KEY }, settings }
  await stand.call('POST', '/integrated-account', { ...inTheirs, body: { ...account, id: 'theirs-1' } })
  const of = async (path: string, body: object, options = {}) =>
    (await stand.call('POST', path, { body, ...options })).body
  const accountToken = await of('/integrated-account/theirs-1/token', {}, inTheirs)
  const apiToken = await of('/api-token', { role: 'admin' }, inTheirs)
  const agentToken = await of('/integrated-account/theirs-1/mcp', { name: 'theirs' }, inTheirs)
  const webhook = await of('/webhook', { url: `${stand.upstream.origin}/theirs` }, inTheirs)
  const tokenIds = { accountToken: accountToken.id, apiToken: apiToken.id, agentToken: agentToken.id }
  theirs = { account: 'theirs-1', ...tokenIds, webhook: webhook.id }
  tokens.foreign = apiToken.token
  tokens.admin = (await of('/api-token', { role: 'admin' })).token
  const revoked = await of('/api-token', { role: 'admin' })
  tokens.revoked = revoked.token
  await stand.call('DELETE', `/api-token/${revoked.id}`)
  tokens.expired = (await of('/api-token', { role: 'admin', expires_in: 1 })).token
  const effects = ['read', 'write', 'money', 'credential']
  tokens.account = (await of('/integrated-account/acme-1/token', { effects, expires_in: null })).token
  await stand.clock.advance(2_000)
})
afterAll(() => stand.close())

/** The path with what belongs to another environment in every place that names something of an environment. */
function foreignPath({ path }: Route): string {
  const filled = path
    .replace('/integrated-account/{id}', `/integrated-account/${theirs.account}`)
    .replace('/environment/{id}', '/environment/theirs')
    .replace('/api-token/{id}', `/api-token/${theirs.apiToken}`)
    .replace('/mcp/{token_id}', `/mcp/${theirs.agentToken}`)
    .replace('/webhook/{id}', `/webhook/${theirs.webhook}`)
    .replace('{token_id}', theirs.accountToken ?? '')
    .replace('{model}/{resource}', 'payment-gateway/customers')
    .replace('/proxy/{resource}', '/proxy/customers')
    .replace(/\{(integration|name)\}/, 'acme')
    .replace('{auth_method}', 'key')
    .replaceAll(/\{\w+\}/g, 'cus0000')
  const names = path.startsWith('/unified/{') || path.startsWith('/proxy')
  return names ? `${filled}?integrated_account_id=${theirs.account}` : filled
}

const title = ({ verb, path }: Route): string => `${verb.toUpperCase()} ${path}`
const withBody = ({ verb, body }: Route) => (verb !== 'get' && body !== undefined ? { body: {} } : {})
/** What an answer to nobody may hold: nothing of an environment. */
const isPublic = ({ path }: Route): boolean => path.startsWith('/link/')

describe.each(ROUTES.filter((route) => !isPublic(route)).map((route) => [title(route), route] as const))(
  '%s',
  (_title, route) => {
    const ask = (token: string | null, headers: Record<string, string> = {}) =>
      stand.call(route.verb.toUpperCase(), foreignPath(route), { token, headers, ...withBody(route) })

    it('is closed to nobody, and to forged, expired and revoked tokens, before anything else', async () => {
      const before = stand.upstream.reached.length
      for (const token of [null, 'forged', `${tokens.admin}x`, tokens.admin.slice(0, -1), tokens.revoked]) {
        expect([401, (await ask(token)).status, token]).toEqual([401, 401, token])
      }
      expect((await ask(tokens.expired)).body.code).toBe('expired_token')
      expect(stand.upstream.reached).toHaveLength(before)
    })

    it('shows and changes nothing of another environment', async () => {
      const before = stand.upstream.reached.length
      const { status, body } = await ask(tokens.admin)
      // The log shows what a caller asked for by itself.
      const records: { path?: string }[] = Array.isArray(body.result) ? body.result : []
      const listed = JSON.stringify(records.map(({ path: _path, ...rest }) => rest))
      expect(listed).not.toContain('theirs')
      const refused = [400, 403, 404, 422, 501]
      if (foreignPath(route).includes('theirs')) expect(refused).toContain(status)
      if (['unknown_account', 'not_found'].includes(body.code)) missed.push(title(route))
      if (status === 422 || status === 400) expect(JSON.stringify(body)).not.toContain('acct_1')
      expect(stand.upstream.reached).toHaveLength(before)
    })

    it('is not reached by naming another environment in the header', async () => {
      const { status, body } = await ask(tokens.admin, { 'x-onefold-environment': 'theirs' })
      expect([status, body.code]).toEqual([403, 'forbidden'])
    })

    it('does not give an account token more than its account', async () => {
      const { status, body } = await ask(tokens.account)
      if (['unknown_account', 'not_found'].includes(body.code)) missed.push(title(route))
      if (route.rank === 'any') expect(status).not.toBe(500)
      else expect(status).toBe(403)
    })
  },
)

it('every refusal of a token that is known stands in the audit log, once for each route', async () => {
  const denied: { actor: string; target: string; details: { code: string } }[] = []
  for (let next = ''; ; ) {
    const { body } = await stand.call('GET', `/audit-log?action=api.call&limit=1000${next}`)
    denied.push(...body.result)
    if (body.next_cursor === null) break
    next = `&next_cursor=${body.next_cursor}`
  }
  const named = (route: Route) => `${route.verb.toUpperCase()} ${route.path}`
  const closed = ROUTES.filter((route) => !isPublic(route)).map(named)
  const with_ = (code: string) => denied.filter(({ details }) => details.code === code).map(({ target }) => target)
  expect(with_('expired_token').sort()).toEqual([...closed].sort())
  expect(with_('unauthorized').sort()).toEqual([...closed].sort())
  const ranked = ROUTES.filter((route) => !isPublic(route) && route.rank !== 'any').map(named)
  const owned = ROUTES.filter(({ rank }) => rank === 'owner').map(named)
  expect([...with_('unknown_account'), ...with_('not_found')].sort()).toEqual([...missed].sort())
  expect(missed.length).toBeGreaterThan(20)
  expect(with_('forbidden').sort()).toEqual([...closed, ...ranked, ...owned].sort())
})

it('nobody fills the audit log with misses: the tenth of a minute is the last, and says so', async () => {
  const { id, token } = (await stand.call('POST', '/api-token', { body: { role: 'admin' } })).body
  const miss = async (count: number) => {
    for (let at = 0; at < count; at++) await stand.call('GET', `/integrated-account/theirs-1?`, { token })
  }
  const rows = async () => (await stand.call('GET', `/audit-log?actor=token:${id}&limit=1000`)).body.result
  await miss(30)
  const [last, ...others] = await rows()
  expect(others).toHaveLength(9)
  expect(others[0].details).toEqual({ code: 'unknown_account' })
  const until = Date.parse(last.details.silent_until)
  expect(until).toBe(stand.clock.now() + 60_000)
  const logged = (await stand.call('GET', '/request-log?limit=1000')).body.result
  expect(logged.filter(({ token_id: of }: { token_id: string }) => of === id)).toHaveLength(30)
  await stand.clock.advance(60_000)
  await miss(1)
  expect(await rows()).toHaveLength(11)
})

it('after all that, the other environment is as it was', async () => {
  const inTheirs = { headers: { 'x-onefold-environment': 'theirs' } }
  const { body } = await stand.call('GET', '/integrated-account/theirs-1', inTheirs)
  expect(body).toMatchObject({ id: 'theirs-1', status: 'active', context: {} })
  expect((await stand.call('GET', '/api-token', { token: tokens.foreign })).status).toBe(200)
  const { body: tokensLeft } = await stand.call('GET', '/integrated-account/theirs-1/token', inTheirs)
  expect(tokensLeft.result[0].revoked_at).toBeNull()
})
