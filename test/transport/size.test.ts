import zlib from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../support/code-of.ts'
import { closed, facts, request, transport, upstream } from './upstream.ts'

describe('the size limit', () => {
  it('refuses an announced length without reading it', async () => {
    const { origin, sockets } = await upstream((_, response) =>
      response.writeHead(200, { 'content-length': 5000 }).write('x'),
    )
    const failure = await failureOf(transport().send(request(`${origin}/`, { maxBytes: 4999 })))
    expect(facts(failure)).toEqual(['response_too_large', true])
    await closed(sockets)
  })

  it('stops reading an endless body', async () => {
    let written = 0
    const { origin, sockets } = await upstream((_, response) => {
      const more = (): void => {
        written += 1
        if (!response.destroyed) response.write(Buffer.alloc(65_536), more)
      }
      more()
    })
    const failure = await failureOf(transport().send(request(`${origin}/`, { maxBytes: 1 << 20 })))
    expect(facts(failure)).toEqual(['response_too_large', true])
    await closed(sockets)
    expect(written).toBeLessThan(1000)
  })

  it('takes a body of exactly the limit', async () => {
    const { origin } = await upstream((_, response) => response.end('x'.repeat(1000)))
    expect((await transport().send(request(`${origin}/`, { maxBytes: 1000 }))).body).toHaveLength(1000)
    expect((await failureOf(transport().send(request(`${origin}/`, { maxBytes: 999 })))).code).toBe(
      'response_too_large',
    )
  })

  it.each(['gzip', 'br', 'deflate', 'gzip, gzip'])(
    'stops a %s bomb at the limit of what it grows to',
    async (coding) => {
      const encode = { gzip: zlib.gzipSync, br: zlib.brotliCompressSync, deflate: zlib.deflateSync }
      const names = coding.split(', ') as (keyof typeof encode)[]
      const bomb = names.reduce<Buffer>((bytes, name) => encode[name](bytes), Buffer.alloc(64 << 20))
      const { origin } = await upstream((_, response) =>
        response.writeHead(200, { 'content-encoding': coding }).end(bomb),
      )
      const before = process.memoryUsage().arrayBuffers
      const failure = await failureOf(transport().send(request(`${origin}/`, { maxBytes: 1 << 20 })))
      expect(facts(failure)).toEqual(['response_too_large', true])
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20)
    },
  )
})

describe('a compressed answer', () => {
  const text = JSON.stringify({ data: Array.from({ length: 500 }, (_, id) => ({ id })) })
  const coded = {
    gzip: zlib.gzipSync(text),
    'x-gzip': zlib.gzipSync(text),
    GZIP: zlib.gzipSync(text),
    br: zlib.brotliCompressSync(text),
    deflate: zlib.deflateSync(text),
    identity: Buffer.from(text),
    'gzip, br': zlib.brotliCompressSync(zlib.gzipSync(text)),
  }

  it.each(Object.entries(coded))('in %s is read', async (coding, bytes) => {
    const { origin } = await upstream((incoming, response) => {
      expect(incoming.headers['accept-encoding']).toBe('gzip, br, deflate')
      response.writeHead(200, { 'content-encoding': coding }).end(bytes)
    })
    expect(Buffer.from((await transport().send(request(`${origin}/`))).body).toString()).toBe(text)
  })

  it('in bare deflate is read', async () => {
    const { origin } = await upstream((_, response) =>
      response.writeHead(200, { 'content-encoding': 'deflate' }).end(zlib.deflateRawSync(text)),
    )
    expect(Buffer.from((await transport().send(request(`${origin}/`))).body).toString()).toBe(text)
  })

  it.each(['gzip', 'br', 'deflate'] as const)('in %s that is cut short is connection_failed', async (coding) => {
    for (const length of [1, 5, coded[coding].length >> 1, coded[coding].length - 1]) {
      const { origin } = await upstream((_, response) =>
        response.writeHead(200, { 'content-encoding': coding }).end(coded[coding].subarray(0, length)),
      )
      expect(facts(await failureOf(transport().send(request(`${origin}/`))))).toEqual(['connection_failed', true])
    }
  })

  it.each([
    ['gzip', text],
    ['zstd-unknown', text],
    ['gzip, gzip, gzip', 'x'],
  ])('in %s that is none is connection_failed', async (coding, body) => {
    const { origin } = await upstream((_, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end(body),
    )
    expect((await failureOf(transport().send(request(`${origin}/`)))).code).toBe('connection_failed')
  })
})
