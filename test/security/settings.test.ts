import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStand, type Stand } from '../http/stand.ts'
import { GOOD_KEY, startUpstream, type Upstream } from '../http/upstream.ts'
import { reachedDuring } from './support.ts'

let stand: Stand
let elsewhere: Upstream
let admin: string
let writer: string
let number = 0
let id: string

const apiToken = async (role: string): Promise<string> =>
  (await stand.call('POST', '/api-token', { body: { role } })).body.token
const patch = (body: object, token = admin) => stand.call('PATCH', `/integrated-account/${id}`, { token, body })
const read = () => stand.call('GET', `/proxy/customers?integrated_account_id=${id}`)

beforeAll(async () => {
  stand = await openStand({ ONEFOLD_EGRESS_ALLOW: '127.0.0.1' })
  elsewhere = await startUpstream()
  admin = await apiToken('admin')
  writer = await apiToken('write')
})
afterAll(async () => {
  await stand.close()
  await elsewhere.close()
})
beforeEach(async () => {
  id = `moving-${++number}`
  const settings = { base_url: stand.upstream.origin }
  const body = { id, integration: 'acme', tenant_id: 't', credentials: { key: GOOD_KEY }, settings }
  expect((await stand.call('POST', '/integrated-account', { body })).status).toBe(201)
})

describe('another base URL', () => {
  it('takes the credentials away: they never go there', async () => {
    const before = elsewhere.reached.length
    const moved = await patch({ settings: { base_url: elsewhere.origin } })
    expect(moved.body).toMatchObject({ status: 'needs_reauth', has_credentials: false })
    expect((await read()).body.code).toBe('needs_reauth')
    expect((await patch({ status: 'active' })).body.code).toBe('invalid_body')
    expect(elsewhere.reached).toHaveLength(before)
    const back = await patch({ settings: { base_url: stand.upstream.origin } })
    expect(back.body).toMatchObject({ status: 'needs_reauth', has_credentials: false })
  })

  it('hidden among other settings does too', async () => {
    const settings = { base_url: elsewhere.origin, region: 'eu' }
    const moved = await patch({ settings, context: { a: 1 }, status: 'active' })
    expect(moved.body.has_credentials).toBe(false)
    expect(elsewhere.reached).toEqual([])
  })

  it('is for an admin to give', async () => {
    const settings = { base_url: elsewhere.origin }
    expect((await patch({ settings }, writer)).body.code).toBe('forbidden')
    expect((await patch({ settings, credentials: { key: GOOD_KEY } }, writer)).body.code).toBe('forbidden')
    const body = { integration: 'acme', tenant_id: 't', credentials: { key: GOOD_KEY }, settings }
    expect((await stand.call('POST', '/integrated-account', { token: writer, body })).body.code).toBe('forbidden')
    const inForm = { ...body, settings: {}, credentials: { key: GOOD_KEY, base_url: elsewhere.origin } }
    expect((await stand.call('POST', '/integrated-account', { token: writer, body: inForm })).body.code).toBe(
      'invalid_body',
    )
    expect(elsewhere.reached).toEqual([])
  })

  it.each([
    'ftp://x.test',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'http://a:b@x.test',
    'http://x.test/?a=1',
    'http://x.test/#a',
    'x.test',
    '',
    7,
    null,
    { href: 'http://x.test' },
  ])('%j is none', async (baseUrl) => {
    const answer = await patch({ settings: { base_url: baseUrl } })
    expect(answer.body.code).toBe('invalid_body')
    expect((await read()).status).toBe(200)
  })

  it.each([
    'http://169.254.169.254/latest',
    'http://10.0.0.1',
    'http://[::1]:9',
    'http://[::ffff:10.0.0.1]',
    'http://2130706434',
    'http://0x7f.2.3.4.5',
    'http://0.0.0.0',
    'http://localhost:1',
    'http://metadata.google.internal',
  ])('%s is connected to nothing', async (baseUrl) => {
    const body = {
      integration: 'acme',
      tenant_id: 't',
      credentials: { key: GOOD_KEY },
      settings: { base_url: baseUrl },
    }
    const { body: answer } = await stand.call('POST', '/integrated-account', { token: admin, body })
    expect(answer.code).toMatch(/^(egress_refused|connection_failed|invalid_body)$/)
    expect(JSON.stringify(answer)).not.toContain(GOOD_KEY)
  })
})

describe('other settings', () => {
  it('are held against the form and proven before they are used', async () => {
    const reached = await reachedDuring(stand, () => patch({ settings: { region: 'us', branch: 'b' } }, writer))
    expect(reached.map(({ target }) => target)).toEqual(['/v1/account'])
    for (const settings of [{ region: 'nowhere' }, { bogus: 'x' }, { region: { a: 1 } }, { key: 7 }]) {
      expect((await patch({ settings }, writer)).body.code).toBe('invalid_body')
    }
    expect((await read()).status).toBe(200)
  })

  it('that lead to another identity at the provider are refused, and the account stays as it was', async () => {
    const { settings } = (await stand.call('GET', '/integrated-account/acme-1')).body
    stand.upstream.next = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"id":"acct_other"}')
    }
    const answer = await patch({ settings: { region: 'us', branch: 'b' } }, writer)
    expect(answer.body.code).toBe('another_account')
    expect((await read()).status).toBe(200)
    expect((await stand.call('GET', '/integrated-account/acme-1')).body.settings).toEqual(settings)
  })

  it('leave an account off that was switched off', async () => {
    await patch({ status: 'disabled' })
    const changed = await patch({ settings: { region: 'us', branch: 'b' } }, writer)
    expect(changed.body).toMatchObject({ status: 'disabled', settings: { region: 'us' } })
  })

  it('are data: an expression in one is text', async () => {
    const branch = '{{ $credentials.key }}'
    const changed = await patch({ settings: { region: 'us', branch } }, writer)
    expect(changed.body.settings.branch).toBe(branch)
    expect(JSON.stringify((await read()).body)).not.toContain(GOOD_KEY)
  })

  it('other credentials of another identity are refused', async () => {
    stand.upstream.next = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"id":"acct_other"}')
    }
    const answer = await patch({ credentials: { key: 'ak_test_other' } }, writer)
    expect(answer.body.code).toBe('another_account')
    expect(JSON.stringify(answer.body)).not.toContain('ak_test_other')
  })
})
