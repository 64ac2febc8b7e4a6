import { Webhook as Standard } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openReceiver, status } from '../outbound/receiver.ts'
import { type CallOptions, openStand, type Stand } from './stand.ts'
import { GOOD_KEY } from './upstream.ts'

let stand: Stand
const tokens = { read: '', write: '' }
beforeAll(async () => {
  stand = await openStand()
  await stand.call('POST', '/environment', { body: { id: 'theirs', name: 'Theirs' } })
  for (const role of ['read', 'write'] as const) {
    tokens[role] = (await stand.call('POST', '/api-token', { body: { role } })).body.token
  }
})
afterAll(() => stand.close())

const URL = 'https://hooks.example.com/onefold'
const make = async (body: object, options: CallOptions = {}) => stand.call('POST', '/webhook', { body, ...options })

describe('a webhook', () => {
  it('is made, shown without its secret, changed and deleted', async () => {
    const made = await make({
      url: URL,
      event_types: ['payment.*'],
      tenant_id: 'tenant-1',
      models: ['payment-gateway'],
    })
    expect(made.status).toBe(201)
    const { secret, ...shown } = made.body
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(shown).toMatchObject({ kind: 'webhook', url: URL, status: 'ok', is_enabled: true, tenant_id: 'tenant-1' })
    const path = `/webhook/${shown.id}`
    expect((await stand.call('GET', path, { token: tokens.read })).body).toEqual(shown)
    expect((await stand.call('GET', '/webhook')).body.result).toEqual([shown])
    const changed = await stand.call('PATCH', path, {
      body: { tenant_id: null, is_enabled: false, description: 'of ours' },
    })
    expect(changed.body).toMatchObject({
      tenant_id: null,
      is_enabled: false,
      status: 'disabled',
      description: 'of ours',
    })
    expect(changed.body).toMatchObject({ event_types: ['payment.*'], models: ['payment-gateway'], url: URL })
    const rotated = await stand.call('POST', `${path}/rotate-secret`, { body: { keep_previous_s: 60 } })
    expect(rotated.body.secret).not.toBe(secret)
    expect(rotated.body.previous_secret_until).toBe('2026-01-01T00:01:00.000Z')
    const log = await stand.call('GET', '/audit-log?limit=1000')
    expect(JSON.stringify([log.body, stand.log.told])).not.toMatch(/whsec_/)
    expect(log.body.result.map(({ action }: { action: string }) => action)).toEqual(
      expect.arrayContaining(['webhook.create', 'webhook.update', 'webhook.rotate_secret']),
    )
    expect((await stand.call('DELETE', path)).body).toEqual({ id: shown.id })
    expect((await stand.call('GET', path)).status).toBe(404)
  })

  it('of another environment is out of reach', async () => {
    const { body } = await make({ url: URL }, { headers: { 'x-onefold-environment': 'theirs' } })
    const path = `/webhook/${body.id}`
    const calls = [
      ['GET', path],
      ['PATCH', path, {}],
      ['DELETE', path],
      ['POST', `${path}/test`],
      ['POST', `${path}/rotate-secret`],
      ['GET', `${path}/delivery`],
      ['GET', `${path}/delivery/x`],
      ['POST', `${path}/delivery/x/redeliver`],
      ['POST', `${path}/redeliver`, { since: '2026-01-01T00:00:00Z' }],
    ] as const
    for (const [verb, at, given] of calls) {
      const answer = await stand.call(verb, at, {
        token: tokens.write,
        ...(given === undefined ? {} : { body: given }),
      })
      expect([verb, at, answer.status]).toEqual([verb, at, 404])
    }
  })

  it('has a name of its own in its environment, and may want no events', async () => {
    const { body } = await make({ url: URL, name: 'desk', event_types: [] })
    expect(body).toMatchObject({ name: 'desk', event_types: [] })
    expect(await make({ url: URL, name: 'desk' })).toMatchObject({ status: 409, body: { where: '/name' } })
    const again = await stand.call('PATCH', `/webhook/${body.id}`, { token: tokens.write, body: { name: 'desk' } })
    expect(again).toMatchObject({ status: 200, body: { name: 'desk' } })
  })

  it('is changed by the role write, not by read', async () => {
    expect((await make({ url: URL }, { token: tokens.read })).status).toBe(403)
    const { body } = await make({ url: URL }, { token: tokens.write })
    expect((await stand.call('POST', `/webhook/${body.id}/test`, { token: tokens.read })).status).toBe(403)
    expect((await stand.call('DELETE', `/webhook/${body.id}`, { token: tokens.read })).status).toBe(403)
    expect((await stand.call('GET', `/webhook/${body.id}/delivery`, { token: tokens.read })).status).toBe(200)
  })

  it.each([
    [{}, '/url'],
    [{ url: 'nonsense' }, '/url'],
    [{ url: 'ftp://example.com' }, '/url'],
    [{ url: 'http://example.com/x' }, '/url'],
    [{ url: 'http://8.8.8.8/x' }, '/url'],
    [{ url: 'https://169.254.169.254/latest' }, '/url'],
    [{ url: 'https://[::1]/' }, '/url'],
    [{ url: 'https://2130706434/' }, '/url'],
    [{ url: 'https://user:pass@example.com/' }, '/url'],
    [{ url: `${URL}#x` }, '/url'],
    [{ url: URL, to: ['a@example.com'] }, '/to'],
    [{ kind: 'email' }, '/to'],
    [{ kind: 'email', url: URL, to: ['a@example.com'] }, '/url'],
    [{ kind: 'email', to: ['a@example.com\r\nBcc: b@example.com'] }, '/to'],
    [{ kind: 'email', to: ['Ada <a@example.com>'] }, '/to'],
    [{ kind: 'email', to: ['a@example.com,b@example.com'] }, '/to'],
    [{ kind: 'slack' }, '/url'],
    [{ kind: 'pigeon', url: URL }, '/kind'],
    [{ url: URL, name: 'Billing desk' }, '/name'],
    [{ url: URL, event_types: ['Payment!'] }, '/event_types/0'],
    [{ url: URL, models: ['nonsense'] }, '/models'],
    [{ url: URL, secret: 'mine' }, 'body'],
  ])('%j is refused at %s', async (body, where) => {
    const answer = await make(body)
    expect([answer.status, answer.body.where]).toEqual([422, where])
  })

  it('names accounts and integrations that are there', async () => {
    expect((await make({ url: URL, integration: 'nobody' })).body.code).toBe('unknown_integration')
    expect((await make({ url: URL, integrated_account_id: 'nobody' })).body.code).toBe('unknown_account')
    expect((await make({ url: URL, integration: 'acme', integrated_account_id: 'acme-1' })).status).toBe(201)
  })
})

describe('what goes to people', () => {
  it('keeps the address of a chat to itself', async () => {
    const url = 'https://chat.example.com/services/T0/B0/hush-hush-secret'
    const made = await make({ kind: 'slack', url })
    expect(made.body).toMatchObject({ kind: 'slack', url: null, secret: null })
    const changed = await stand.call('PATCH', `/webhook/${made.body.id}`, { body: { url: `${url}2` } })
    const log = await stand.call('GET', '/audit-log?limit=1000')
    expect(JSON.stringify([made.body, changed.body, log.body, stand.log.told])).not.toContain('hush')
    expect((await stand.call('POST', `/webhook/${made.body.id}/rotate-secret`)).body.code).toBe('invalid_request')
  })

  it('says that there is no SMTP server to mail with', async () => {
    const { body } = await make({ kind: 'email', to: ['ada@example.com'] })
    expect(body).toMatchObject({ kind: 'email', to: ['ada@example.com'], url: null, secret: null })
    const tested = await stand.call('POST', `/webhook/${body.id}/test`)
    expect(tested.body).toMatchObject({ status: 'failed', error: expect.stringContaining('ONEFOLD_SMTP_URL') })
  })
})

describe('deliveries', () => {
  it('are tested, made by what happens, listed, and made again', async () => {
    const receiver = await openReceiver()
    const { body: webhook } = await make({ url: receiver.url, event_types: ['integrated_account.*'] })
    const path = `/webhook/${webhook.id}`
    const tested = await stand.call('POST', `${path}/test`)
    expect(tested.body).toMatchObject({ status: 'delivered', response_status: 200, error: null })
    const [test] = receiver.received
    const signed = String(test?.headers['webhook-signature'])
    const at = new Date(Number(test?.headers['webhook-timestamp']) * 1_000)
    expect(new Standard(webhook.secret).sign(tested.body.event_id, at, test?.body ?? '')).toBe(signed)
    expect(JSON.parse(test?.body ?? '')).toMatchObject({ type: 'webhook.test', id: tested.body.event_id })

    receiver.answer = status(500)
    const settings = { base_url: stand.upstream.origin }
    const account = { id: 'sent-1', integration: 'acme', tenant_id: 't', credentials: { key: GOOD_KEY }, settings }
    await stand.call('POST', '/integrated-account', { body: account })
    await expect.poll(() => receiver.received.length).toBe(3)
    const list = async (query = '') => (await stand.call('GET', `${path}/delivery${query}`)).body
    await expect.poll(() => list()).toMatchObject({ result: [{ attempts: 1, status: 'waiting' }, { attempts: 1 }] })
    const { result } = await list()
    expect(result[0]).toMatchObject({ webhook_id: webhook.id, error: 'status_500', response_status: 500 })
    expect(result[0].next_attempt_at).toMatch(/^2026-01-01T00:00:0[56]\./)
    expect((await list('?event_type=integrated_account.created')).result).toHaveLength(1)
    expect((await list(`?event_id=${result[0].event_id}`)).result).toHaveLength(1)
    expect((await list('?status=delivered')).result).toEqual([])
    expect((await list('?until=2026-01-01T00:00:00Z')).result).toEqual([])
    const first = await list('?limit=1')
    expect((await list(`?limit=1&next_cursor=${first.next_cursor}`)).result).toEqual([result[1]])
    expect((await list('?status=nonsense')).code).toBe('invalid_parameter')
    expect((await list('?since=yesterday')).code).toBe('invalid_parameter')

    receiver.answer = status(200)
    const again = await stand.call('POST', `${path}/delivery/${result[0].id}/redeliver`)
    expect(again.body).toMatchObject({ id: result[0].id, event_id: result[0].event_id })
    const one = `${path}/delivery/${result[0].id}`
    await expect
      .poll(async () => (await stand.call('GET', one)).body)
      .toMatchObject({ status: 'delivered', attempts: 1 })
    const range = { since: '2026-01-01T00:00:00Z', status: ['waiting', 'delivered'] }
    expect((await stand.call('POST', `${path}/redeliver`, { body: range })).body).toEqual({ count: 2 })
    await expect.poll(async () => (await list('?status=delivered')).result.length).toBe(2)
    expect(new Set(receiver.ids()).size).toBe(3)
    await stand.call('PATCH', path, { body: { is_enabled: false } })
    expect((await stand.call('POST', `${one}/redeliver`)).body.code).toBe('conflict')
    expect((await stand.call('GET', `${path}/delivery/nothing`)).status).toBe(404)
  })
})
