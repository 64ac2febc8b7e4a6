import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, openStand, type Stand } from '../http/stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand({ ONEFOLD_PUBLIC_URL: 'https://one.example.com/api' })
})
afterAll(() => stand.close())

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
const ACCEPT = { accept: 'application/json, text/event-stream' }

const post = (body: unknown, headers: Record<string, string> = {}, path = '/mcp'): Promise<Answer> =>
  stand.call('POST', path, { body, headers: { ...ACCEPT, ...headers } })

describe('authorization', () => {
  it.each([null, 'wrong', 'ofk_unknown'])('without a valid token (%s) it says where to learn more', async (token) => {
    const { status, headers, body } = await stand.call('POST', '/mcp', { token, body: LIST, headers: ACCEPT })
    expect(status).toBe(401)
    expect(body.code).toBe('unauthorized')
    expect(headers.get('www-authenticate')).toBe(
      'Bearer realm="onefold", resource_metadata="https://one.example.com/api/.well-known/oauth-protected-resource/mcp"',
    )
  })

  it.each(['', '/mcp'])('the metadata of the resource stands at the well-known address%s', async (suffix) => {
    const path = `/.well-known/oauth-protected-resource${suffix}`
    const { status, body } = await stand.call('GET', path, { token: null })
    expect(status).toBe(200)
    expect(body).toMatchObject({ resource: 'https://one.example.com/api/mcp', bearer_methods_supported: ['header'] })
  })

  it('a token in the query is not taken', async () => {
    const { status } = await stand.call('POST', '/mcp?access_token=x', { token: null, body: LIST, headers: ACCEPT })
    expect(status).toBe(401)
  })

  it('a provider key is refused before anything is asked', async () => {
    const { status, body } = await stand.call('POST', '/mcp', { token: 'ak_live_abc', body: LIST, headers: ACCEPT })
    expect([status, body.code]).toEqual([401, 'provider_key_refused'])
  })
})

describe('Host and Origin', () => {
  it('another host is refused, also for the metadata', async () => {
    expect((await post(LIST, { host: 'evil.example' })).body.code).toBe('origin_refused')
    const metadata = await stand.call('GET', '/.well-known/oauth-protected-resource', {
      token: null,
      headers: { host: 'evil.example' },
    })
    expect(metadata.status).toBe(421)
  })

  it.each(['https://evil.example', 'null', 'not an origin'])('a page of %s may not call', async (origin) => {
    const { status, body } = await post(LIST, { origin })
    expect([status, body.code]).toEqual([403, 'forbidden'])
  })

  it('our own pages and listed origins may', async () => {
    expect((await post(LIST, { origin: 'https://one.example.com' })).status).toBe(200)
    const listed = { allowed_origins: ['https://desk.example'] }
    await stand.call('PATCH', '/environment/default', { body: listed })
    const { status, headers } = await post(LIST, { origin: 'https://desk.example' })
    expect(status).toBe(200)
    expect(headers.get('access-control-allow-origin')).toBe('https://desk.example')
  })
})

describe('the transport', () => {
  it.each(['GET', 'DELETE'])('%s has nothing to answer without sessions', async (verb) => {
    const { status, headers } = await stand.call(verb, '/mcp', { headers: ACCEPT })
    expect(status).toBe(405)
    expect(headers.get('allow')).toContain('POST')
  })

  it('no session is kept', async () => {
    const initialize = {
      ...LIST,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    }
    const { status, headers } = await post(initialize)
    expect(status).toBe(200)
    expect(headers.get('mcp-session-id')).toBeNull()
  })

  it('every answer has the headers of every other answer', async () => {
    const { headers } = await post(LIST, { 'x-request-id': 'mine-1' })
    expect(headers.get('x-request-id')).toBe('mine-1')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('a revision without structured content gets the JSON as text', async () => {
    const call = { ...LIST, method: 'tools/call', params: { name: 'list_accounts', arguments: {} } }
    const { body } = await post(call, { 'mcp-protocol-version': '2025-03-26' })
    const { result } = JSON.parse(body.split('data: ')[1])
    expect(result.structuredContent).toBeUndefined()
    expect(JSON.parse(result.content[0].text)).toMatchObject({ result: [{ id: 'acme-1' }] })
  })

  it.each([
    ['an unknown parameter', '/mcp?mood=flat', 'unknown_parameter'],
    ['a value that is none', '/mcp?mode=round', 'invalid_parameter'],
    ['too few bytes', '/mcp?max_bytes=10', 'invalid_parameter'],
    ['one thing twice', '/mcp?mode=flat&mode=core', 'invalid_parameter'],
  ])('%s is refused by name', async (_what, path, code) => {
    const { status, body } = await post(LIST, {}, path)
    expect([status, body.code]).toEqual([400, code])
  })

  it.each([
    ['no body', { raw: '' }, 400],
    ['no JSON', { raw: '{' }, 400],
    ['null', { raw: 'null' }, 400],
    ['a text', { raw: '"x"' }, 400],
    ['no message', { raw: '{}' }, 400],
    ['an empty batch', { raw: '[]' }, 400],
    ['a deep one', { raw: `${'['.repeat(200)}${']'.repeat(200)}` }, 422],
    ['a large one', { raw: JSON.stringify('x'.repeat(1_100_000)) }, 413],
  ])('%s is refused', async (_what, options, expected) => {
    const headers = { ...ACCEPT, 'content-type': 'application/json' }
    const { status } = await stand.call('POST', '/mcp', { ...options, headers })
    expect(status).toBe(expected)
  })
})
