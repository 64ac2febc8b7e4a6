import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Route } from '../../server/http/route.ts'
import { ROUTES } from '../../server/http/routes/index.ts'
import { openStand, type Stand } from './stand.ts'
import { GOOD_KEY } from './upstream.ts'

let stand: Stand
/** Values of path parameters, all of another environment than the tokens. */
let theirs: Record<string, string>
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
      if (status === 422 || status === 400) expect(JSON.stringify(body)).not.toContain('acct_1')
      expect(stand.upstream.reached).toHaveLength(before)
    })

    it('is not reached by naming another environment in the header', async () => {
      const { status, body } = await ask(tokens.admin, { 'x-onefold-environment': 'theirs' })
      expect([status, body.code]).toEqual([403, 'forbidden'])
    })

    it('does not give an account token more than its account', async () => {
      const { status } = await ask(tokens.account)
      if (route.rank === 'any') expect(status).not.toBe(500)
      else expect(status).toBe(403)
    })
  },
)

it('after all that, the other environment is as it was', async () => {
  const inTheirs = { headers: { 'x-onefold-environment': 'theirs' } }
  const { body } = await stand.call('GET', '/integrated-account/theirs-1', inTheirs)
  expect(body).toMatchObject({ id: 'theirs-1', status: 'active', context: {} })
  expect((await stand.call('GET', '/api-token', { token: tokens.foreign })).status).toBe(200)
  const { body: tokensLeft } = await stand.call('GET', '/integrated-account/theirs-1/token', inTheirs)
  expect(tokensLeft.result[0].revoked_at).toBeNull()
})
