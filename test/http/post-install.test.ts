import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { linkByForm } from '../../server/api/link.ts'
import { type Received, type Reply, startUpstream, type Upstream } from '../support/upstream.ts'
import { openStand, type Stand } from './stand.ts'

let stand: Stand
let provider: Upstream
let folder: string
/** What the provider says instead, by `VERB path`. */
const instead = new Map<string, Reply>()

const operation = (effect: string, verb: string, path: string) => ({ effect, verb, path, description: 'Made up.' })

const DEFINITION = {
  'integration.yaml': (url: string) => ({
    ...{ onefold: 1, name: 'acme', label: 'Acme', description: 'Made up.' },
    hosts: { default: { url: `${url}/v1` } },
    settings: { seat: { label: 'Seat', required: false } },
    idempotency: { in: 'header', name: 'Idempotency-Key' },
    retry: { attempts: 1 },
    auth: {
      methods: {
        key: {
          type: 'bearer',
          label: 'Key',
          fields: { key: { label: 'Key', secret: true } },
          token: '$credentials.key',
        },
      },
      ...{ verify: 'account.get', identity: 'id' },
      post_install: [
        {
          ...{ name: 'subscribe', to: 'hooks.create', unless: '$account.traits.hook' },
          body: { tenant: '$account.tenant_id' },
          traits: { hook: 'id' },
        },
        {
          ...{ name: 'register', to: 'seats.create', body: { hook: '$account.traits.hook' } },
          settings: { seat: 'seat' },
        },
      ],
    },
  }),
  'resources/account.yaml': () => resource('account', { get: operation('read', 'GET', '/account') }),
  'resources/hooks.yaml': () => resource('hooks', { create: operation('write', 'POST', '/hooks') }),
  'resources/seats.yaml': () => resource('seats', { create: operation('write', 'POST', '/seats') }),
}

const resource = (name: string, methods: object) => ({ name, description: 'Made up.', methods })

function answer({ verb, path, headers }: Received): Reply {
  const other = instead.get(`${verb} ${path}`)
  if (other !== undefined) return other
  if (headers.authorization === 'Bearer wrong') return { status: 401, body: {} }
  if (path === '/v1/account') return { body: { id: 'acct_1' } }
  return path === '/v1/hooks' ? { body: { id: 'h1' } } : { body: { seat: 's1' } }
}

beforeAll(async () => {
  provider = await startUpstream()
  provider.script = answer
  folder = mkdtempSync(join(tmpdir(), 'onefold-install-'))
  for (const [path, make] of Object.entries(DEFINITION)) {
    const file = join(folder, 'integrations/acme', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, stringify(make(provider.url)))
  }
  stand = await openStand({ ONEFOLD_DEFINITIONS: folder })
})
afterAll(async () => {
  await stand.close()
  await provider.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  instead.clear()
  provider.received.length = 0
})

const connect = (id: string, key = 'good') =>
  stand.call('POST', '/integrated-account', {
    body: { id, integration: 'acme', tenant_id: 't1', credentials: { key } },
  })
const retry = (id: string, options = {}) => stand.call('POST', `/integrated-account/${id}/retry`, options)
const shown = async (id: string) => (await stand.call('GET', `/integrated-account/${id}`)).body
const asked = () => provider.received.map(({ verb, path, body }) => `${verb} ${path} ${body}`)
const events = async (id: string) => {
  const { body } = await stand.call('GET', `/event?integrated_account_id=${id}&limit=100`)
  return body.result.map(({ type, reason }: { type: string; reason: string | null }) => [
    type.replace('integrated_account.', ''),
    reason,
  ])
}
const FAILS: Reply = { status: 400, body: { error: 'no seats' } }

describe('what is set up when an account is connected', () => {
  it('is done in order once it is proven, and leaves traits and settings', async () => {
    const { status, body } = await connect('whole')
    expect([status, body.status]).toEqual([201, 'active'])
    expect(body).toMatchObject({ identity: 'acct_1', traits: { hook: 'h1' }, settings: { seat: 's1' } })
    expect(asked()).toEqual(['GET /v1/account ', 'POST /v1/hooks {"tenant":"t1"}', 'POST /v1/seats {"hook":"h1"}'])
    expect(await events('whole')).toEqual([
      ['created', null],
      ['active', null],
    ])
  })

  it('that fails says at which step, and is tried again from there', async () => {
    instead.set('POST /v1/seats', FAILS)
    const failed = await connect('stopped')
    expect(failed).toMatchObject({ status: 502, body: { code: 'post_install_failed', provider: { status: 400 } } })
    expect(failed.body.detail).toContain('`register`')
    expect(failed.body.hint).toContain('POST /integrated-account/stopped/retry')
    const reason = { code: 'provider_invalid_request', step: 'register' }
    const stopped = { status: 'post_install_error', has_credentials: true, traits: { hook: 'h1' } }
    expect(await shown('stopped')).toMatchObject({ ...stopped, identity: 'acct_1', status_reason: reason })
    expect((await stand.call('GET', '/proxy/account?integrated_account_id=stopped')).body.code).toBe(
      'account_not_active',
    )
    expect((await retry('stopped')).body.code).toBe('post_install_failed')
    const on = await stand.call('PATCH', '/integrated-account/stopped', { body: { status: 'active' } })
    expect(on.body).toMatchObject({ code: 'account_not_active', hint: expect.stringContaining('/retry') })
    provider.received.length = 0
    instead.clear()
    expect(await retry('stopped')).toMatchObject({ status: 200, body: { status: 'active', settings: { seat: 's1' } } })
    expect(asked()).toEqual(['POST /v1/seats {"hook":"h1"}'])
    expect(await events('stopped')).toEqual([
      ['created', null],
      ['post_install_error', reason.code],
      ['active', null],
    ])
    const acts = await stand.call('GET', '/audit-log?action=integrated_account.retry&target=integrated_account:stopped')
    expect(acts.body.result.map(({ outcome }: { outcome: string }) => outcome).sort()).toEqual(['failed', 'succeeded'])
  })

  it('keeps the key of a step through every run, and another account has another', async () => {
    instead.set('POST /v1/hooks', { status: 503, body: {} })
    await connect('keyed')
    instead.clear()
    await retry('keyed')
    await connect('other')
    const keys = provider.received
      .filter(({ path }) => path === '/v1/hooks')
      .map(({ headers }) => headers['idempotency-key'])
    expect(keys).toHaveLength(3)
    expect(keys[0]).toBe(keys[1])
    expect(keys[2]).not.toBe(keys[0])
  })

  it('is done again at a reconnect, but for what says that it is done', async () => {
    await connect('again')
    provider.received.length = 0
    const { body } = await stand.call('PATCH', '/integrated-account/again', { body: { credentials: { key: 'new' } } })
    expect(body).toMatchObject({ status: 'active', traits: { hook: 'h1' } })
    expect(asked()).toEqual(['GET /v1/account ', 'POST /v1/seats {"hook":"h1"}'])
    expect((await events('again')).at(-1)).toEqual(['reconnected', null])
  })

  it('leaves an account that works as it was when it fails at a reconnect', async () => {
    await connect('works')
    instead.set('POST /v1/seats', FAILS)
    const answered = await stand.call('PATCH', '/integrated-account/works', { body: { credentials: { key: 'new' } } })
    expect(answered.body).toMatchObject({
      code: 'post_install_failed',
      hint: expect.stringContaining('stays as it was'),
    })
    expect((await shown('works')).status).toBe('active')
    expect((await stand.server.services.stores.accounts.load('default', 'works')).reveal()).toEqual({ key: 'good' })
  })

  it('goes on with other settings, too', async () => {
    instead.set('POST /v1/seats', FAILS)
    await connect('settled')
    instead.clear()
    const { body } = await stand.call('PATCH', '/integrated-account/settled', { body: { settings: { seat: 's9' } } })
    expect(body).toMatchObject({ status: 'active', settings: { seat: 's1' } })
  })

  it('is told on the page of a link, and its next attempt goes on with the same account', async () => {
    const { services } = stand.server
    const made = await stand.call('POST', '/link-token', { body: { tenant_id: 't2', integrations: ['acme'] } })
    const check = await services.stores.links.check(made.body.link_token, stand.clock.now())
    if (check.state !== 'valid') throw new Error('no link')
    const cookie = await services.stores.links.openSession(check.link, stand.clock.now(), stand.clock.now() + 1e6)
    const session = await services.stores.links.session(cookie.reveal(), stand.clock.now())
    if (session === null) throw new Error('no session')
    const form = { integration: 'acme', method: 'key', fields: { key: 'good' } }
    instead.set('POST /v1/seats', FAILS)
    await expect(linkByForm(services, session, form, 'r1')).rejects.toMatchObject({ code: 'post_install_failed' })
    const left = async () => (await stand.call('GET', '/integrated-account?tenant_id=t2')).body.result
    expect(await left()).toMatchObject([{ status: 'post_install_error' }])
    instead.clear()
    await linkByForm(services, session, form, 'r2')
    expect(await left()).toMatchObject([{ status: 'active', settings: { seat: 's1' } }])
  })
})

describe('an account that could not be proven', () => {
  it('keeps its credentials where the provider was down, and is tried again with them', async () => {
    instead.set('GET /v1/account', { status: 503, body: {} })
    const down = await connect('down')
    expect(down.body.hint).toContain('/integrated-account/down/retry')
    expect(await shown('down')).toMatchObject({ status: 'validation_error', has_credentials: true })
    expect((await retry('down')).status).toBe(503)
    instead.clear()
    expect((await retry('down')).body).toMatchObject({ status: 'active', traits: { hook: 'h1' } })
  })

  it('has none after a refusal, and says what to do', async () => {
    expect((await connect('refused', 'wrong')).body.hint).not.toContain('/retry')
    expect(await shown('refused')).toMatchObject({ status: 'validation_error', has_credentials: false })
    const again = await retry('refused')
    expect(again).toMatchObject({ status: 401, body: { code: 'needs_reauth', hint: expect.stringContaining('PATCH') } })
  })

  it('loses them when the retry is refused', async () => {
    instead.set('GET /v1/account', { status: 503, body: {} })
    await connect('turned')
    instead.set('GET /v1/account', { status: 401, body: {} })
    expect((await retry('turned')).body.code).toBe('invalid_credentials')
    expect(await shown('turned')).toMatchObject({ has_credentials: false })
  })

  it('is not tried again while nothing stopped it', async () => {
    await connect('fine')
    expect((await retry('fine')).status).toBe(409)
    await stand.call('PATCH', '/integrated-account/fine', { body: { status: 'disabled' } })
    expect((await retry('fine')).status).toBe(409)
  })
})
