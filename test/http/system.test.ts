import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileExpression, evaluateAll } from '../../engine/index.ts'
import { createHostCheck } from '../../server/http/hosts.ts'
import { ADMIN, customersPath, openStand, type Stand } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
})
afterAll(() => stand.close())

describe('health', () => {
  it('says that it runs and serves', async () => {
    expect((await stand.call('GET', '/healthz', { token: null })).body).toEqual({ status: 'ok' })
    expect((await stand.call('GET', '/readyz', { token: null })).body).toEqual({ status: 'ready' })
  })

  it('counts requests in the format of Prometheus', async () => {
    await stand.call('GET', '/integrated-account')
    const { body, headers } = await stand.call('GET', '/metrics', { token: null })
    expect(headers.get('content-type')).toContain('text/plain')
    expect(body).toMatch(/onefold_http_requests\{surface="api",status="2xx",code=""\} \d+/)
    expect(body).toContain('onefold_http_request_seconds_bucket')
    expect(body).toContain('onefold_process_cpu_seconds_total')
  })

  it('counts evaluations of expressions by who did them', async () => {
    const count = async (line: string): Promise<number> => {
      const { body } = await stand.call('GET', '/metrics', { token: null })
      const found = (body as unknown as string).split('\n').find((one) => one.startsWith(`onefold_${line} `))
      return Number(found?.split(' ').at(-1))
    }
    const evaluate = (source: string, record: unknown): unknown => {
      const result = compileExpression(source, [])
      return 'expression' in result ? evaluateAll([{ expression: result.expression, record }]) : undefined
    }
    const names = ['path', 'compiled', 'interpreter'].map((name) => `expression_evaluations_total{backend="${name}"}`)
    const lines = [...names, 'expression_fallbacks_total{backend="interpreter"}']
    const before = await Promise.all(lines.map(count))
    evaluate('a', { a: 1 })
    evaluate('a + 1', { a: 1 })
    evaluate('a + 1', { a: 'x' })
    const after = await Promise.all(lines.map(count))
    expect(after.map((value, at) => value - (before[at] ?? 0))).toEqual([1, 1, 1, 1])
    expect(await count('records_mapped_total{backend="compiled"}')).toBeGreaterThanOrEqual(0)
  })

  it('wants a token for metrics behind a proxy', async () => {
    const other = await openStand({ ONEFOLD_TRUST_PROXY: 'on' })
    try {
      expect((await other.call('GET', '/metrics', { token: null })).body.code).toBe('unauthorized')
      expect((await other.call('GET', '/metrics')).status).toBe(200)
      const { body } = await other.call('POST', '/api-token', { body: { role: 'read' } })
      expect((await other.call('GET', '/metrics', { token: body.token })).body.code).toBe('forbidden')
    } finally {
      await other.close()
    }
  })
})

describe('hosts', () => {
  const settings = { host: '127.0.0.1', publicUrl: new URL('https://pay.example.com') }

  it.each([
    ['localhost:4000', true],
    ['127.0.0.1:4000', true],
    ['[::1]:4000', true],
    ['app.localhost', true],
    ['PAY.example.com', true],
    ['pay.example.com.evil.com', false],
    ['evil.com', false],
    ['10.0.0.5', false],
    ['', false],
    ['localhost@evil.com', false],
    [undefined, false],
  ])('%s: %s', (host, expected) => {
    expect(createHostCheck(settings)(host)).toBe(expected)
  })

  it('a literal address passes when every address is listened on', () => {
    expect(createHostCheck({ host: '0.0.0.0', publicUrl: null })('10.0.0.5:4000')).toBe(true)
    expect(createHostCheck({ host: '0.0.0.0', publicUrl: null })('evil.com')).toBe(false)
  })
})

describe('browsers', () => {
  const origin = 'https://app.example'

  it('of other sites read nothing until an environment lists their origin', async () => {
    const before = await stand.call('GET', '/integrated-account', { headers: { origin } })
    expect(before.headers.get('access-control-allow-origin')).toBeNull()
    expect(
      (await stand.call('OPTIONS', '/integrated-account', { token: null, headers: { origin } })).headers.get(
        'access-control-allow-methods',
      ),
    ).toBeNull()
    await stand.call('PATCH', '/environment/default', { body: { allowed_origins: [origin] } })
    const after = await stand.call('GET', '/integrated-account', { headers: { origin } })
    expect(after.headers.get('access-control-allow-origin')).toBe(origin)
    const preflight = await stand.call('OPTIONS', customersPath(), { token: null, headers: { origin } })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Idempotency-Key')
    const other = await stand.call('GET', '/integrated-account', { headers: { origin: 'https://evil.example' } })
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('traces of a call', () => {
  it('a fitting X-Request-Id is kept, any other replaced', async () => {
    const kept = await stand.call('GET', '/integrated-account', { headers: { 'x-request-id': 'mine-1' } })
    expect(kept.headers.get('x-request-id')).toBe('mine-1')
    const odd = await stand.call('GET', '/integrated-account', { headers: { 'x-request-id': 'a b' } })
    expect(odd.headers.get('x-request-id')).toMatch(/^req_/)
  })

  it('the request log has it, with names of query parameters only', async () => {
    const headers = { 'x-request-id': 'traced-1' }
    await stand.call('GET', customersPath('', 'email=secret@example.com'), { headers })
    const { body } = await stand.call('GET', '/request-log?request_id=traced-1')
    expect(body.result).toEqual([
      expect.objectContaining({
        request_id: 'traced-1',
        integrated_account_id: 'acme-1',
        token_id: 'tok_admin',
        path: '/unified/payment-gateway/customers?integrated_account_id=*&email=*',
        status: 200,
        upstream_requests: 1,
        error_code: null,
      }),
    ])
  })

  it('nothing secret stands in the log', async () => {
    await stand.call('GET', customersPath('', 'email=secret@example.com'))
    await stand.call('GET', customersPath(), { token: 'ak_live_0123456789' })
    await stand.call('POST', '/integrated-account', {
      body: {
        integration: 'acme',
        tenant_id: 't',
        credentials: { key: 'ak_test_hush' },
        settings: { base_url: stand.upstream.origin },
      },
    })
    const text = JSON.stringify(stand.log.told, (_key, value) => (value instanceof Error ? `${value.stack}` : value))
    expect(text).toContain('"request"')
    expect(text).not.toMatch(/secret@example|ak_live_0123456789|ak_test_hush|ak_test_good1|admin-token-of-the-tests/)
  })
})

describe('malformed HTTP', () => {
  it.each([['GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nBad Header\r\n\r\n'], ['nonsense\r\n\r\n']])(
    'is answered 400: %j',
    async (text) => {
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(stand.server.port, '127.0.0.1')
        let got = ''
        socket.on('data', (chunk) => (got += String(chunk)))
        socket.on('end', () => resolve(got))
        socket.on('error', reject)
        socket.write(text)
      })
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request[\s\S]*"code":"invalid_request"/)
    },
  )
})

describe('shutting down', () => {
  it('lets requests under way end, says that it is not ready, and takes no new connection', async () => {
    const other = await openStand()
    const authorization = `Bearer ${ADMIN}`
    let finish: () => void = () => undefined
    other.upstream.next = (_request, response) => {
      finish = () => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end('{"id":"cus_late","name":"Late"}')
      }
    }
    const slow = fetch(`${other.url}${customersPath('/cus_late')}`, { headers: { authorization } })
    await expect.poll(() => other.upstream.reached.length).toBe(1)
    const closed = other.close()
    expect((await other.call('GET', '/readyz', { token: null })).body.code).toBe('overloaded')
    await expect(fetch(`${other.url}/healthz`)).rejects.toThrow()
    finish()
    expect(await (await slow).json()).toMatchObject({ id: 'cus_late', name: 'Late' })
    await closed
  })
})

describe('the reference page', () => {
  it('is whole without the internet and under a strict policy', async () => {
    const page = await stand.call('GET', '/docs', { token: null })
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
    const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link)
    expect(links.every((link: string) => link.startsWith('/docs/') || link === 'data:,')).toBe(true)
    for (const link of links.filter((one: string) => one.startsWith('/'))) {
      const { status, headers } = await stand.call('GET', link, { token: null })
      expect(status).toBe(200)
      expect(headers.get('content-type')).toMatch(/charset=utf-8$/)
    }
  })
})
