import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStand, type Stand } from './stand.ts'
import { GOOD_KEY } from './upstream.ts'

let stand: Stand
let token: string
let foreign: { account: string; accountToken: string; apiToken: string; event: string; job: string }

beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(2)
  await stand.call('POST', '/environment', { body: { id: 'theirs', name: 'Theirs' } })
  const inTheirs = { headers: { 'x-onefold-environment': 'theirs' } }
  const settings = { base_url: stand.upstream.origin }
  const body = { id: 'theirs-1', integration: 'acme', tenant_id: 't', credentials: { key: GOOD_KEY }, settings }
  expect((await stand.call('POST', '/integrated-account', { ...inTheirs, body })).status).toBe(201)
  const made = await stand.call('POST', '/integrated-account/theirs-1/token', { ...inTheirs, body: {} })
  const api = await stand.call('POST', '/api-token', { ...inTheirs, body: { role: 'read' } })
  const events = await stand.call('GET', '/event?limit=1', inTheirs)
  await stand.server.services.jobs.add({ name: 'acme.waits', payload: {}, environmentId: 'theirs' })
  const jobs = await stand.call('GET', '/job?name=acme.waits', inTheirs)
  const [event, job] = [events.body.result[0].id, jobs.body.result[0].id]
  foreign = { account: 'theirs-1', accountToken: made.body.id, apiToken: api.body.id, event, job }
  token = (await stand.call('POST', '/api-token', { body: { role: 'admin' } })).body.token
})
afterAll(() => stand.close())

/** A body that would be taken, so that only the address can be the reason. */
function overrideBody(path: string): object {
  const override = { 'payment-gateway': { resources: { customers: { fields: { name: 'email' } } } } }
  if (path.endsWith('/rollback')) return { version: 1, current_version: 0 }
  if (!path.endsWith('/try')) return { override, current_version: 0 }
  const account = path.startsWith('/environment') ? { integrated_account_id: 'acme-1' } : {}
  return { override, model: 'payment-gateway', resource: 'customers', id: 'cus0000', ...account }
}

describe('ids of another environment are unknown at every address', () => {
  it.each([
    ['GET', '/unified/payment-gateway/customers?integrated_account_id={account}'],
    ['GET', '/unified/payment-gateway/customers/cus0000?integrated_account_id={account}'],
    ['POST', '/unified/payment-gateway/customers?integrated_account_id={account}'],
    ['PATCH', '/unified/payment-gateway/customers/cus0000?integrated_account_id={account}'],
    ['DELETE', '/unified/payment-gateway/customers/cus0000?integrated_account_id={account}'],
    ['POST', '/unified/payment-gateway/customers/cus0000/portal?integrated_account_id={account}'],
    ['GET', '/proxy/customers?integrated_account_id={account}'],
    ['GET', '/proxy/customers/cus0000?integrated_account_id={account}'],
    ['POST', '/proxy/customers?integrated_account_id={account}'],
    ['PATCH', '/proxy/customers/cus0000?integrated_account_id={account}'],
    ['DELETE', '/proxy/customers/cus0000?integrated_account_id={account}'],
    ['GET', '/integrated-account/{account}'],
    ['PATCH', '/integrated-account/{account}'],
    ['DELETE', '/integrated-account/{account}'],
    ['GET', '/integrated-account/{account}/capabilities'],
    ['GET', '/integrated-account/{account}/token'],
    ['POST', '/integrated-account/{account}/token'],
    ['DELETE', '/integrated-account/{account}/token/{accountToken}'],
    ['DELETE', '/integrated-account/acme-1/token/{accountToken}'],
    ['DELETE', '/api-token/{apiToken}'],
    ['GET', '/environment/theirs'],
    ['PATCH', '/environment/theirs'],
    ['GET', '/integrated-account/{account}/override'],
    ['PUT', '/integrated-account/{account}/override'],
    ['DELETE', '/integrated-account/{account}/override?current_version=0'],
    ['GET', '/integrated-account/{account}/override/history'],
    ['GET', '/integrated-account/{account}/override/diff?from=0'],
    ['POST', '/integrated-account/{account}/override/rollback'],
    ['POST', '/integrated-account/{account}/override/try'],
    ['GET', '/environment/theirs/override/acme'],
    ['PUT', '/environment/theirs/override/acme'],
    ['DELETE', '/environment/theirs/override/acme?current_version=0'],
    ['GET', '/environment/theirs/override/acme/history'],
    ['GET', '/environment/theirs/override/acme/diff?from=0'],
    ['POST', '/environment/theirs/override/acme/rollback'],
    ['POST', '/environment/theirs/override/acme/try'],
    ['GET', '/event/{event}'],
    ['GET', '/job/{job}'],
    ['POST', '/job/{job}/retry'],
    ['DELETE', '/job/{job}'],
  ])('%s %s', async (verb, template) => {
    const path = template.replaceAll(/\{(\w+)\}/g, (_all, name: keyof typeof foreign) => foreign[name])
    const before = stand.upstream.reached.length
    const takesBody = (verb === 'POST' && !path.endsWith('/retry')) || verb === 'PATCH' || verb === 'PUT'
    const given = path.includes('/override') ? overrideBody(path) : {}
    const { status, body } = await stand.call(verb, path, { token, ...(takesBody ? { body: given } : {}) })
    expect(body.code).toMatch(/^(unknown_account|not_found)$/)
    expect(status).toBe(404)
    expect(stand.upstream.reached).toHaveLength(before)
  })

  it('also below /custom', async () => {
    const path = `${stand.url}/custom/v1/customers?integrated_account_id=${foreign.account}`
    const response = await fetch(path, { headers: { authorization: `Bearer ${token}` } })
    expect(response.status).toBe(404)
    const { body } = await stand.call('GET', '/audit-log?action=api.call&limit=1')
    expect(body.result).toMatchObject([
      { target: 'ANY /custom', outcome: 'denied', details: { code: 'unknown_account' } },
    ])
  })

  it('in a batch too', async () => {
    const part = { name: 'a', resource: 'customers', method: 'list', integrated_account_id: foreign.account }
    const { body } = await stand.call('POST', '/batch-request', { token, body: { resources: [part] } })
    expect(JSON.stringify(body)).toContain('unknown_account')
    const acts = await stand.call('GET', '/audit-log?action=api.call&limit=1')
    expect(acts.body.result).toMatchObject([{ target: 'POST /batch-request', details: { code: 'unknown_account' } }])
  })

  it('lists show nothing of it, nor do logs', async () => {
    for (const path of ['/integrated-account', '/api-token', '/environment', '/request-log', '/audit-log']) {
      const { body, status } = await stand.call('GET', `${path}?${path === '/environment' ? '' : 'limit=1000'}`, {
        token,
      })
      expect(status).toBe(200)
      expect(body.result.length).toBeGreaterThan(0)
      const texts = JSON.stringify(body.result.map(({ path: _path, ...rest }: { path?: string }) => rest))
      expect(texts).not.toMatch(/theirs/)
    }
  })

  it('a cursor of one environment does not open in another', async () => {
    await stand.call('POST', '/api-token', { body: { role: 'read' } })
    const { body } = await stand.call('GET', '/api-token?limit=1')
    expect(body.next_cursor).not.toBeNull()
    const inTheirs = { headers: { 'x-onefold-environment': 'theirs' } }
    const answer = await stand.call('GET', `/api-token?limit=1&next_cursor=${body.next_cursor}`, inTheirs)
    expect(answer.body.code).toBe('foreign_cursor')
  })
})
