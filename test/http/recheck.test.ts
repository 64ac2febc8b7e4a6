import { afterAll, beforeAll, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { ADMIN, customersPath, openStand, type Stand } from './stand.ts'
import { GOOD_KEY } from './upstream.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
})
afterAll(() => stand.close())

const SOON = { timeout: 10_000, interval: 20 }
const FIVE_MINUTES_MS = 300_000

/** Connects an account whose key the provider will not take, past its proof. */
async function account(id: string, key: string): Promise<void> {
  const { stores, clock } = stand.server.services
  const input = { id, integration: 'acme', tenantId: 't', status: 'active', authenticationMethod: 'key' } as const
  const settings = { base_url: stand.upstream.origin }
  await stores.accounts.create('default', { ...input, settings, credentials: new Secret({ key }) }, clock.now())
}

const calls = (id: string) => stand.call('GET', customersPath().replace('acme-1', id))
const waiting = () => stand.server.services.jobs.list({ environments: ['default'], limit: 10 })
const verified = () => stand.upstream.reached.filter(({ target }) => target === '/v1/account').length
const shown = async (id: string) => (await stand.call('GET', `/integrated-account/${id}`)).body

it('credentials that the provider takes no more end an account, once, with a reason and an event', async () => {
  await account('dead', 'ak_test_dead')
  const answers = await Promise.all([calls('dead'), calls('dead'), calls('dead')])
  expect(answers.map(({ body }) => body.code)).toEqual(['needs_reauth', 'needs_reauth', 'needs_reauth'])
  await expect.poll(async () => (await shown('dead')).status, SOON).toBe('needs_reauth')
  expect(verified()).toBe(1)
  const body = await shown('dead')
  expect(body).toMatchObject({ has_credentials: true, status_reason: { code: 'credentials_refused' } })
  const { result } = (await stand.call('GET', '/event?integrated_account_id=dead&type=integrated_account.needs_reauth'))
    .body
  expect(result).toMatchObject([{ reason: 'credentials_refused' }])
  const reached = stand.upstream.reached.length
  expect((await calls('dead')).body.code).toBe('needs_reauth')
  await stand.clock.advance(FIVE_MINUTES_MS)
  await expect.poll(waiting, SOON).toEqual([])
  expect(stand.upstream.reached).toHaveLength(reached)
})

it('also through the proxy and verbatim requests', async () => {
  for (const path of ['/proxy/customers', '/custom/v1/customers']) {
    const id = `dead-${path.split('/')[1]}`
    await account(id, 'ak_test_dead')
    const headers = { authorization: `Bearer ${ADMIN}` }
    expect((await fetch(`${stand.url}${path}?integrated_account_id=${id}`, { headers })).status).toBe(401)
    await expect.poll(async () => (await shown(id)).status, SOON).toBe('needs_reauth')
  }
})

it('one odd refusal does not, and the account is not asked about again for five minutes', async () => {
  await account('odd', GOOD_KEY)
  const before = verified()
  const refuseOne = () => {
    stand.upstream.next = (_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end('{}')
    }
    return calls('odd')
  }
  expect((await refuseOne()).body.code).toBe('needs_reauth')
  await expect.poll(verified, SOON).toBe(before + 1)
  await expect.poll(waiting, SOON).toEqual([])
  expect((await shown('odd')).status).toBe('active')
  await refuseOne()
  expect((await calls('odd')).status).toBe(200)
  expect(await waiting()).toEqual([])
  await stand.clock.advance(FIVE_MINUTES_MS + 1)
  await refuseOne()
  await expect.poll(verified, SOON).toBe(before + 2)
  expect((await calls('odd')).status).toBe(200)
})

it('a provider that is down while it is asked decides nothing', async () => {
  await account('down', 'ak_test_dead')
  const unavailable: NonNullable<Stand['upstream']['next']> = (_request, response) => {
    response.writeHead(503, { 'content-type': 'application/json' })
    response.end('{}')
  }
  const seen = stand.upstream.reached.length
  stand.upstream.next = (_request, response) => {
    stand.upstream.next = unavailable
    response.writeHead(401, { 'content-type': 'application/json' })
    response.end('{}')
  }
  await calls('down')
  await expect.poll(() => stand.upstream.reached.length, SOON).toBeGreaterThan(seen + 1)
  expect((await shown('down')).status).toBe('active')
})

it('a refusal while credentials are being proven is for whoever proves them', async () => {
  const jobs = await waiting()
  const body = { id: 'new', integration: 'acme', tenant_id: 't', credentials: { key: 'ak_test_wrong' } }
  const settings = { base_url: stand.upstream.origin }
  expect((await stand.call('POST', '/integrated-account', { body: { ...body, settings } })).status).toBe(422)
  expect(await waiting()).toEqual(jobs)
})
