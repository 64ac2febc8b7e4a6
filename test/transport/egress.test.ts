import { createServer } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEgressPolicy } from '../../server/transport/index.ts'
import { codeOf, failureOf } from '../support/code-of.ts'
import { request, transport, upstream } from './upstream.ts'

const CLOSED = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '100.100.100.200',
  '192.0.0.192',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:169.254.169.254',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::a9fe:a9fe',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  'fe80::1',
  'fec0::1',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '5f00::1',
]

describe('the egress policy', () => {
  const closed = createEgressPolicy()

  it.each(CLOSED)('%s is closed', (address) => {
    expect(closed.allowsAddress(address)).toBe(false)
  })

  it.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])('%s is open', (address) => {
    expect(closed.allowsAddress(address)).toBe(true)
  })

  it('IPv4 mapped into IPv6 is judged as the IPv4 that it is', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(closed.allowsAddress(`::ffff:${address}`)).toBe(closed.allowsAddress(address))
      }),
    )
  })

  it('opens addresses, CIDRs and host names that are named', () => {
    const policy = createEgressPolicy({ allow: ['127.0.0.1', ' 10.1.0.0/16 ', 'FD00::/8', '[::1]', 'DB.internal', ''] })
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '10.1.2.3', 'fd12::1', '::1'])
      expect(policy.allowsAddress(address)).toBe(true)
    for (const address of ['127.0.0.2', '10.2.0.1', 'fe80::1', 'db.internal', ''])
      expect(policy.allowsAddress(address)).toBe(false)
    expect([policy.allowsHost('db.INTERNAL'), policy.allowsHost('x.db.internal')]).toEqual([true, false])
  })

  it.each(['127.0.0.1/40', 'http://x.test', 'a b', '*.acme.test', '127.1', '300.1.1.1', '1'])(
    'refuses the setting %j',
    (entry) => {
      expect(codeOf(() => createEgressPolicy({ allow: [entry] }))).toBe('config_invalid')
    },
  )

  it('refuses an origin that is none', () => {
    expect(codeOf(() => createEgressPolicy({ origins: ['127.0.0.1:80'] }))).toBe('config_invalid')
  })
})

describe('a socket', () => {
  it.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '2130706433', '0x7f.1', '127.1', '017700000001'])(
    'is not opened to the literal address %s',
    async (host) => {
      const { sockets, server } = await upstream((_, response) => response.end())
      const port = (server.address() as { port: number }).port
      const net = transport({ egress: createEgressPolicy() })
      const failure = await failureOf(net.send(request(`http://${host}:${port}/`)))
      expect([failure.code, failure.details.sent, sockets.size]).toEqual(['egress_refused', false, 0])
    },
  )

  it('is not opened to a name that leads to a closed address', async () => {
    const { sockets, server } = await upstream((_, response) => response.end())
    const port = (server.address() as { port: number }).port
    const net = transport({ egress: createEgressPolicy() })
    for (const send of [net.send, net.stream]) {
      const failure = await failureOf(send(request(`http://localhost:${port}/`)))
      expect([failure.code, failure.details.sent]).toEqual(['egress_refused', false])
    }
    expect(sockets.size).toBe(0)
  })

  it('is opened to a name that was allowed', async () => {
    const { server } = await upstream((_, response) => response.end('ok'))
    const port = (server.address() as { port: number }).port
    const net = transport({ egress: createEgressPolicy({ allow: ['localhost'] }) })
    expect((await net.send(request(`http://localhost:${port}/`))).status).toBe(200)
  })

  it('a reserved origin is open to granted requests at that port only, kept sockets included', async () => {
    const sandbox = await upstream((_, response) => response.end('sandbox'))
    const other = await upstream((_, response) => response.end('other'))
    const net = transport({ egress: createEgressPolicy({ origins: [sandbox.origin] }) })
    expect((await net.send(request(`${sandbox.origin}/`, { isGranted: true }))).status).toBe(200)
    const refusals = [
      request(`${sandbox.origin}/`),
      request(`${other.origin}/`, { isGranted: true }),
      request(sandbox.origin.replace('127.0.0.1', 'localhost'), { isGranted: true }),
    ]
    for (const refused of refusals) expect((await failureOf(net.send(refused))).code).toBe('egress_refused')
    expect([sandbox.sockets.size, other.sockets.size]).toEqual([1, 0])
  })

  it('is not opened to the target of a redirect: the answer is handed over', async () => {
    const target = await upstream((_, response) => response.end('secret'))
    const { origin } = await upstream((_, response) => response.writeHead(302, { location: target.origin }).end())
    const answer = await transport().send(request(`${origin}/`, { headers: [['authorization', 'Bearer k']] }))
    expect([answer.status, answer.headers.location, target.sockets.size]).toEqual([302, target.origin, 0])
  })

  it.each([
    'ftp://127.0.0.1/',
    'http://user:pass@127.0.0.1/',
    'nonsense',
    'http://',
    'http:///x',
    'http://127.0.0.1\\@x.test/',
    'http:/127.0.0.1/',
  ])('is not opened to %j', async (url) => {
    const failure = await failureOf(transport().send(request(url)))
    expect([failure.code, failure.details.sent]).toEqual(['egress_refused', false])
  })

  it('a refused connection was not sent', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const port = (server.address() as { port: number }).port
    await new Promise((resolve) => server.close(resolve))
    const failure = await failureOf(transport().send(request(`http://127.0.0.1:${port}/?secret=1`)))
    expect([failure.code, failure.details.sent]).toEqual(['connection_failed', false])
    expect(failure.message).not.toContain('secret')
  })

  it('a name that does not resolve was not sent', async () => {
    const failure = await failureOf(transport().send(request('http://nothing.invalid/')))
    expect([failure.code, failure.details.sent]).toEqual(['connection_failed', false])
  })

  it('a server that does not speak TLS was not sent anything', async () => {
    const { origin } = await upstream((_, response) => response.end())
    const failure = await failureOf(transport().send(request(origin.replace('http:', 'https:'))))
    expect([failure.code, failure.details.sent]).toEqual(['connection_failed', false])
  })
})
