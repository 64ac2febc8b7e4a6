import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { customersPath, openStand, type Stand } from './stand.ts'
import { GOOD_KEY } from './upstream.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
})
afterAll(() => stand.close())

const connect = (body: Record<string, unknown>) =>
  stand.call('POST', '/integrated-account', {
    body: { integration: 'acme', tenant_id: 't', settings: { base_url: stand.upstream.origin }, ...body },
  })

describe('connecting', () => {
  it('checks the credentials by a call and stores what it found', async () => {
    const { status, body } = await connect({ credentials: { key: GOOD_KEY } })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      status: 'active',
      identity: 'acct_1',
      mode: 'test',
      livemode: false,
      has_credentials: true,
      authentication_method: 'key',
      settings: { region: 'eu' },
    })
    expect(JSON.stringify(body)).not.toContain(GOOD_KEY)
    const path = `/unified/payment-gateway/customers?integrated_account_id=${body.id}`
    expect((await stand.call('GET', path)).status).toBe(200)
  })

  it.each([
    ['a missing field', {}, ['key is missing'], ['key']],
    ['a pattern', { key: 'sk_1' }, ['key does not have the form'], undefined],
    ['an unknown field', { key: GOOD_KEY, colour: 'red' }, ['colour is not a field'], undefined],
    ['an option', { key: GOOD_KEY, region: 'mars' }, ['region is none of eu, us'], undefined],
    ['a field shown by another', { key: GOOD_KEY, region: 'us' }, ['branch is missing'], ['branch']],
    ['all at once', { region: 'mars', colour: 'red' }, ['colour is not', 'key is missing', 'region is none'], ['key']],
  ])('refuses %s by name and without the value', async (_what, credentials, told, missing) => {
    const before = stand.upstream.reached.length
    const { status, body } = await connect({ credentials })
    expect(status).toBe(422)
    expect(body.code).toBe('invalid_body')
    for (const text of told) expect(body.detail).toContain(text)
    expect(body.insight?.missing_fields).toEqual(missing)
    expect(body.valid).toEqual(['key', 'region', 'branch'])
    expect(JSON.stringify(body)).not.toMatch(/mars"|sk_1|good1/)
    expect(stand.upstream.reached).toHaveLength(before)
  })

  it('takes the fields of another method, those that are no secret from settings too', async () => {
    const settings = { base_url: stand.upstream.origin, user: 'me' }
    const body = { authentication_method: 'pair', credentials: { password: 'p' }, settings }
    const answer = await connect(body)
    expect(answer.body).toMatchObject({ code: 'invalid_credentials', provider: { code: 'bad_key' } })
    const sent = stand.upstream.reached.at(-1)?.headers.authorization
    expect(sent).toBe(`Basic ${Buffer.from('me:p').toString('base64')}`)
    const unknown = await connect({ authentication_method: 'magic', credentials: {} })
    expect(unknown.body).toMatchObject({ code: 'invalid_body', valid: ['key', 'pair', 'granted'] })
  })

  it('keeps a refused account as validation_error, without its credentials, and says how to go on', async () => {
    const refused = await connect({ id: 'again', credentials: { key: 'ak_test_bad' } })
    expect(refused.status).toBe(422)
    expect(refused.body).toMatchObject({ code: 'invalid_credentials', who_can_fix: 'end_user' })
    expect(refused.body.detail).toContain('No such key')
    expect(refused.body.hint).toContain('PATCH /integrated-account/again')
    const kept = await stand.call('GET', '/integrated-account/again')
    expect(kept.body).toMatchObject({ status: 'validation_error', has_credentials: false })
    const call = await stand.call('GET', customersPath().replace('acme-1', 'again'))
    expect(call.body.code).toBe('account_not_active')
    const fixed = await stand.call('PATCH', '/integrated-account/again', { body: { credentials: { key: GOOD_KEY } } })
    expect(fixed.body).toMatchObject({ id: 'again', status: 'active', has_credentials: true })
    expect((await stand.call('GET', customersPath().replace('acme-1', 'again'))).status).toBe(200)
  })

  it('refuses a taken id, an unknown integration and an unknown key of the body', async () => {
    expect((await connect({ id: 'acme-1', credentials: { key: GOOD_KEY } })).body.code).toBe('conflict')
    const unknown = await connect({ integration: 'acne', credentials: {} })
    expect(unknown.body).toMatchObject({ code: 'unknown_integration', valid: expect.arrayContaining(['acme']) })
    expect((await connect({ credentials: {}, secrets: {} })).body.detail).toContain('(secrets)')
  })
})

describe('changing', () => {
  /** The provider says once that the key, whatever it is, belongs to this account of its own. */
  const providerSays = (id?: string) => {
    stand.upstream.next = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ id }))
    }
  }
  const again = (id: string, key: string) =>
    stand.call('PATCH', `/integrated-account/${id}`, { body: { credentials: { key } } })
  const calls = async (id: string) => (await stand.call('GET', customersPath().replace('acme-1', id))).status

  it('a reconnect keeps the id and must show the same identity at the provider', async () => {
    const { body } = await connect({ id: 'same', credentials: { key: GOOD_KEY } })
    expect(body.identity).toBe('acct_1')
    providerSays('acct_2')
    const other = await again('same', 'ak_test_other')
    expect(other.body).toMatchObject({ code: 'another_account', hint: expect.stringContaining('stays as it was') })
    expect(await calls('same')).toBe(200)
    expect(stand.upstream.reached.at(-1)?.headers.authorization).toBe(`Bearer ${GOOD_KEY}`)
  })

  it('an account whose identity is not found says so, until it is', async () => {
    providerSays()
    const { body } = await connect({ id: 'nameless', credentials: { key: GOOD_KEY } })
    expect(body).toMatchObject({ status: 'active', identity: null, status_reason: { code: 'identity_unknown' } })
    expect(body.status_reason.message).toContain('`id` finds no identity in the answer to account.get')
    expect(await calls('nameless')).toBe(200)
    const found = await again('nameless', GOOD_KEY)
    expect(found.body).toMatchObject({ status: 'active', identity: 'acct_1', status_reason: null })
  })

  it('a test account never becomes a live one, nor the other way round', async () => {
    expect((await connect({ id: 'test', credentials: { key: GOOD_KEY } })).body.livemode).toBe(false)
    providerSays('acct_1')
    const live = await again('test', 'ak_live_1')
    expect(live.body.code).toBe('another_account')
    expect(live.body.detail).toContain('live data')
    expect((await stand.call('GET', '/integrated-account/test')).body).toMatchObject({ mode: 'test', livemode: false })
    expect(await calls('test')).toBe(200)
    providerSays('acct_1')
    expect((await connect({ id: 'live', credentials: { key: 'ak_live_1' } })).body.livemode).toBe(true)
    expect((await again('live', GOOD_KEY)).body.detail).toContain('test data')
  })

  it('an account says why it is not active and since when, until it is active again', async () => {
    const { status, status_reason: none } = (await connect({ id: 'why', credentials: { key: GOOD_KEY } })).body
    expect([status, none]).toEqual(['active', null])
    const get = async () => (await stand.call('GET', '/integrated-account/why')).body.status_reason
    const since = new Date(stand.clock.now()).toISOString()
    await stand.call('PATCH', '/integrated-account/why', { body: { status: 'disabled' } })
    expect(await get()).toEqual({ code: 'disabled', message: expect.any(String), at: since })
    await stand.clock.advance(60_000)
    await stand.call('PATCH', '/integrated-account/why', { body: { status: 'disabled', context: { a: 1 } } })
    expect((await get()).at).toBe(since)
    await stand.call('PATCH', '/integrated-account/why', { body: { status: 'active' } })
    expect(await get()).toBeNull()
    await connect({ id: 'why-not', credentials: { key: 'ak_test_bad' } })
    const refused = (await stand.call('GET', '/integrated-account/why-not')).body
    expect(refused.status_reason).toMatchObject({ code: 'invalid_credentials' })
    expect(refused.status_reason.message).toContain('No such key')
  })

  it('only an admin points it at another host, and that discards the credentials', async () => {
    await connect({ id: 'moved', credentials: { key: GOOD_KEY } })
    const { body: made } = await stand.call('POST', '/api-token', { body: { role: 'write' } })
    const body = { settings: { base_url: 'https://elsewhere.example' } }
    const denied = await stand.call('PATCH', '/integrated-account/moved', { token: made.token, body })
    expect(denied.body.code).toBe('forbidden')
    const moved = await stand.call('PATCH', '/integrated-account/moved', { body })
    expect(moved.body).toMatchObject({ status: 'needs_reauth', has_credentials: false })
    const odd = { settings: { base_url: 'file:///etc/passwd' } }
    expect((await stand.call('PATCH', '/integrated-account/moved', { body: odd })).body.code).toBe('invalid_body')
  })

  it('is switched off and on, and disconnected with its tokens', async () => {
    await connect({ id: 'off', credentials: { key: GOOD_KEY } })
    const path = customersPath().replace('acme-1', 'off')
    const { body } = await stand.call('POST', '/integrated-account/off/token', { body: {} })
    await stand.call('PATCH', '/integrated-account/off', { body: { status: 'disabled' } })
    expect((await stand.call('GET', path)).body.code).toBe('account_not_active')
    await stand.call('PATCH', '/integrated-account/off', { body: { status: 'active' } })
    expect((await stand.call('GET', path)).status).toBe(200)
    expect((await stand.call('DELETE', '/integrated-account/off')).body).toEqual({ id: 'off' })
    expect((await stand.call('GET', path)).body.code).toBe('unknown_account')
    expect((await stand.call('GET', '/proxy/customers', { token: body.token })).body.code).toBe('unauthorized')
  })
})

describe('disconnecting', () => {
  const acts = async (id: string) =>
    (await stand.call('GET', `/audit-log?limit=1000&target=integrated_account:${id}`)).body.result

  it('keeps what was done with it, and empties that on request', async () => {
    for (const [id, query] of [
      ['kept', ''],
      ['erased', '?erase=true'],
    ]) {
      await connect({ id, credentials: { key: GOOD_KEY } })
      await stand.call('PATCH', `/integrated-account/${id}`, { body: { context: { email: 'ada@example.com' } } })
      expect((await stand.call('DELETE', `/integrated-account/${id}${query}`)).body).toEqual({ id })
    }
    const details = async (id: string) => (await acts(id)).map(({ details: told }: { details: object }) => told)
    const told = { integration: 'acme', provider_is_told: false }
    const ofKept = await details('kept')
    expect(ofKept).toHaveLength(3)
    expect(ofKept).toEqual(expect.arrayContaining([{ ...told, erased: false }, { fields: ['context'] }]))
    const ofErased = await details('erased')
    expect(ofErased).toHaveLength(3)
    expect(ofErased).toEqual(expect.arrayContaining([{ ...told, erased: true }, {}]))
    expect(JSON.stringify(ofErased)).not.toContain('fields')
    const odd = await stand.call('DELETE', '/integrated-account/acme-1?erase=perhaps')
    expect(odd.body).toMatchObject({ code: 'invalid_parameter', valid: ['true', 'false'] })
  })

  it('ends an account whose connecting was cut off, an hour later', async () => {
    const { accounts } = stand.server.services.stores
    const stuck = { id: 'cut-off', integration: 'acme', tenantId: 't', credentials: new Secret({ key: GOOD_KEY }) }
    await accounts.create('default', stuck, stand.clock.now())
    const sweep = () => stand.server.services.stores.sweep(stand.clock.now())
    expect((await sweep()).stuck).toBe(0)
    await stand.clock.advance(3_600_001)
    expect((await sweep()).stuck).toBe(1)
    const { body } = await stand.call('GET', '/integrated-account/cut-off')
    expect(body).toMatchObject({ status: 'validation_error', has_credentials: true })
    expect(body.status_reason.code).toBe('connect_interrupted')
  })
})

describe('listing', () => {
  it('filters and pages, newest first', async () => {
    const first = await stand.call('GET', '/integrated-account?integration=acme&status=active&limit=1')
    expect(first.body).toMatchObject({ limit: 1 })
    const next = await stand.call(
      'GET',
      `/integrated-account?integration=acme&status=active&limit=1&next_cursor=${first.body.next_cursor}`,
    )
    expect(next.body.result[0].id).not.toBe(first.body.result[0].id)
    expect((await stand.call('GET', '/integrated-account?tenant_id=nobody')).body.result).toEqual([])
    expect((await stand.call('GET', '/integrated-account?status=bored')).body.code).toBe('invalid_parameter')
  })
})

describe('environments', () => {
  it('are made, changed and read', async () => {
    const made = await stand.call('POST', '/environment', {
      body: { id: 'staging', name: 'Staging', timezone: 'Europe/Berlin' },
    })
    expect(made.body).toMatchObject({ id: 'staging', timezone: 'Europe/Berlin', retention_days: { request_log: 30 } })
    const body = { allowed_origins: ['https://app.example'], retention_days: { request_log: 7 } }
    const changed = await stand.call('PATCH', '/environment/staging', { body })
    expect(changed.body).toMatchObject({ ...body, retention_days: { request_log: 7, audit_log: 365 } })
    expect((await stand.call('PATCH', '/environment/staging', { body: { timezone: 'Moon/Base' } })).body.code).toBe(
      'invalid_body',
    )
    const path = { body: { allowed_origins: ['https://app.example/x'] } }
    expect((await stand.call('PATCH', '/environment/staging', path)).body.code).toBe('invalid_body')
  })

  it('the first environment is chosen by header, and an unknown one is told', async () => {
    const headers = { 'x-onefold-environment': 'nowhere' }
    expect((await stand.call('GET', '/integrated-account', { headers })).body.code).toBe('not_found')
  })
})
