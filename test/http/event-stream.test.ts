import { once } from 'node:events'
import { connect } from 'node:net'
import { EventSource } from 'eventsource'
import { expect, it, onTestFinished } from 'vitest'
import { readSettings } from '../../server/config.ts'
import { type OnefoldServer, startServer } from '../../server/server.ts'
import { type NewEvent, openStores } from '../../server/stores/index.ts'
import { type Backend, newKey, onBothDatabases, type Place, tempFolder } from '../stores/backends.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { ADMIN, listeningLog } from './stand.ts'

interface Stage {
  readonly server: OnefoldServer
  readonly clock: VirtualClock
  /** Stores events as the server does. */
  tell(...events: readonly Partial<NewEvent>[]): Promise<void>
  /** Stores events as another process does. */
  tellElsewhere(...events: readonly Partial<NewEvent>[]): Promise<void>
  call(method: string, path: string, body?: object): Promise<Record<string, unknown>>
}

const PLAIN: NewEvent = {
  ...{ type: 'payment.succeeded', integratedAccountId: null, tenantId: null, integration: null, livemode: null },
  data: { id: 'pay_1' },
}

async function openStage(backend: Backend): Promise<Stage> {
  const { databaseUrl = '' } = await backend.place()
  const folder = tempFolder()
  const key = newKey()
  const env = {
    ...{ PORT: '0', PASSTHROUGH_PORT: '', DATABASE_URL: databaseUrl, ONEFOLD_DATA: folder, ONEFOLD_SANDBOX: 'off' },
    ...{ ONEFOLD_MASTER_KEY: key, ONEFOLD_ADMIN_TOKEN: ADMIN },
  }
  const clock = new VirtualClock()
  const server = await startServer(readSettings(env, folder), listeningLog(), { clock })
  onTestFinished(() => server.close())
  const place: Place = databaseUrl === '' ? { dataDir: folder } : { databaseUrl }
  const { stores } = server.services
  const append = (to: typeof stores, events: readonly Partial<NewEvent>[]) =>
    to.database.db.transaction().execute(async (trx) => {
      const all = events.map((event) => ({ ...PLAIN, ...event }))
      await to.events.append(trx, 'default', all, clock.now())
    })
  return {
    ...{ server, clock },
    tell: async (...events) => void (await append(stores, events)),
    async tellElsewhere(...events) {
      const other = await openStores({ masterKeys: [key], ...place, role: 'tool' })
      await append(other, events).finally(() => other.close())
    },
    async call(method, path, body) {
      const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      return (await (await fetch(`${server.url}${path}`, { method, headers, ...sent })).json()) as Record<
        string,
        unknown
      >
    },
  }
}

interface Described {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses?: Readonly<Record<string, { readonly content?: object }>>
}

interface Heard {
  readonly id: string
  readonly data: { readonly id: string; readonly type: string; readonly code?: string }
}

/** A client as people use it, which comes back by itself. */
function listen(stage: Stage, query = '', token = ADMIN) {
  const heard: Heard[] = []
  const problems: Heard['data'][] = []
  const refused: number[] = []
  let opened = 0
  const source = new EventSource(`${stage.server.url}/event${query}`, {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } }),
  })
  source.onopen = () => {
    opened += 1
  }
  source.onmessage = ({ lastEventId: id, data }) => void heard.push({ id, data: JSON.parse(data) })
  source.addEventListener('problem', ({ data }) => void problems.push(JSON.parse(data)))
  source.onerror = ({ code }) => void (code === undefined || refused.push(code))
  onTestFinished(() => source.close())
  return { heard, problems, refused, source, isOpen: () => opened > 0 }
}

/** A client that is waited for until it hears. */
async function listening(stage: Stage, query = '', token = ADMIN) {
  const client = listen(stage, query, token)
  await expect.poll(client.isOpen).toBe(true)
  return client
}

const raw = (stage: Stage, headers: Record<string, string> = {}, signal?: AbortSignal, path = '/event') =>
  fetch(`${stage.server.url}${path}`, {
    headers: { authorization: `Bearer ${ADMIN}`, accept: 'text/event-stream', ...headers },
    ...(signal === undefined ? {} : { signal }),
  })

const orders = (heard: readonly Heard[]) => heard.map(({ data }) => data.id)
const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => ({ type: `payment.n${from + at}` }))
const types = (heard: readonly Heard[]) => heard.map(({ data }) => data.type)

const TOTAL = 400

/** Hears a few events behind a place, leaves in the middle of it, and answers the place of the last whole frame. */
async function hearSome(stage: Stage, after: string, most: number, heard: Heard[]): Promise<string> {
  const leaving = new AbortController()
  const { body } = await raw(stage, { 'last-event-id': after }, leaving.signal, '/event?limit=3')
  let last = after
  let text = ''
  let count = 0
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(chunk)
    const frames = text.split('\n\n')
    text = frames.pop() ?? ''
    for (const frame of frames.slice(0, most - count)) {
      const { id = last, data } =
        /^(?:retry: \d+\n|:\n)?id: (?<id>.+)(?:\ndata: (?<data>.+))?$/.exec(frame)?.groups ?? {}
      last = id
      if (data !== undefined) heard.push({ id, data: JSON.parse(data) })
      count += 1
    }
    if (count >= most || heard.length >= TOTAL) break
  }
  leaving.abort()
  return last
}

onBothDatabases((backend) => {
  it('tells what happens from now on, in this process and in another one', async () => {
    const stage = await openStage(backend)
    await stage.tell({ type: 'payment.before' })
    const client = await listening(stage)
    await stage.tell({ type: 'payment.one' }, { type: 'payment.two' })
    await expect.poll(() => types(client.heard)).toEqual(['payment.one', 'payment.two'])
    await stage.tellElsewhere({ type: 'payment.three' })
    await expect.poll(() => types(client.heard)).toEqual(['payment.one', 'payment.two', 'payment.three'])
    expect(client.heard[0]?.id).toBe(client.heard[0]?.data.id)
  })

  it('goes on without a gap and without a double, however often it is cut off', async () => {
    const stage = await openStage(backend)
    const heard: Heard[] = []
    const telling = (async () => {
      for (let from = 0; from < TOTAL; from += 8) await stage.tell(...numbered(8, from))
    })()
    let last = 'evt_00000000000000'
    while (heard.length < TOTAL) last = await hearSome(stage, last, 1 + Math.floor(Math.random() * 40), heard)
    await telling
    expect(types(heard)).toEqual(numbered(TOTAL).map(({ type }) => type))
  })

  it('a client that comes back by itself has all of it once', async () => {
    const stage = await openStage(backend)
    const client = await listening(stage, '?after=evt_00000000000000')
    await stage.tell(...numbered(5))
    await expect.poll(() => client.heard.length).toBe(5)
    stage.server.services.eventStreams.close()
    await stage.tell(...numbered(5, 5))
    await expect.poll(() => client.refused, { timeout: 15_000 }).toContain(503)
    expect(new Set(orders(client.heard)).size).toBe(5)
    const page = await stage.call('GET', `/event?after=${client.heard.at(-1)?.id}`)
    expect((page.result as Heard['data'][]).map(({ type }) => type)).toEqual(numbered(5, 5).map(({ type }) => type))
  })

  it('filters as pages do, and names its place to those it has nothing for', async () => {
    const stage = await openStage(backend)
    const client = await listening(stage, '?type=refund.*')
    const { body } = await raw(stage, {}, undefined, '/event?type=refund.*')
    const reader = body?.getReader()
    const next = async () => new TextDecoder().decode((await reader?.read())?.value)
    expect(await next()).toMatch(/^retry: 2000\nid: evt_\d{14}\n\n$/)
    await stage.tell({ type: 'payment.failed' }, { type: 'refund.created' }, { type: 'payment.failed' })
    expect(await next()).toContain('"type":"refund.created"')
    await expect.poll(() => stage.clock.sleeping).toBeGreaterThan(1)
    await stage.clock.advance(15_000)
    const { next_cursor } = await stage.call('GET', '/event?limit=1000')
    expect(await next()).toBe(`:\nid: ${next_cursor}\n\n`)
    await reader?.cancel()
    expect(types(client.heard)).toEqual(['refund.created'])
    for (const [query, status] of [
      ['after=nonsense', 400],
      ['kind=x', 400],
      ['limit=0', 400],
    ] as const) {
      expect((await raw(stage, {}, undefined, `/event?${query}`)).status, query).toBe(status)
    }
  })

  it('a token hears of its own account only, and nothing once it is revoked', async () => {
    const stage = await openStage(backend)
    const { token, id } = await stage.call('POST', '/api-token', { name: 'ear', role: 'read' })
    const client = await listening(stage, '', String(token))
    await stage.tell({ type: 'payment.heard' })
    await expect.poll(() => types(client.heard)).toEqual(['payment.heard'])
    await stage.call('DELETE', `/api-token/${id}`)
    await stage.tell({ type: 'payment.secret' })
    await expect.poll(() => client.problems.map(({ code }) => code)).toEqual(['unauthorized'])
    await expect.poll(() => client.refused, { timeout: 15_000 }).toContain(401)
    expect(types(client.heard)).toEqual(['payment.heard'])
    expect(stage.server.services.eventStreams.count).toBe(0)
  })

  it('a token has at most ten streams open, and who leaves makes room', async () => {
    const stage = await openStage(backend)
    const leaving = new AbortController()
    const open = await Promise.all(Array.from({ length: 10 }, () => raw(stage, {}, leaving.signal)))
    expect(open.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200))
    const more = await raw(stage)
    expect([more.status, ((await more.json()) as { code: string }).code]).toEqual([429, 'token_rate_limited'])
    leaving.abort()
    await expect.poll(() => stage.server.services.eventStreams.count).toBe(0)
    expect((await raw(stage)).status).toBe(200)
  })

  it('a reader that takes nothing has nothing read ahead for it, and is cut off', async () => {
    const stage = await openStage(backend)
    const { events } = stage.server.services.stores
    const wide = { data: { id: 'x', text: 'x'.repeat(200_000) } }
    for (let at = 0; at < 20; at++) await stage.tell(...Array.from({ length: 10 }, () => wide))
    let read = 0
    const { pull } = events
    events.pull = async (...given) => {
      const page = await pull.apply(events, given)
      read += page.result.length
      return page
    }
    const url = new URL(stage.server.url)
    const socket = connect(Number(url.port), url.hostname)
    onTestFinished(() => void socket.destroy())
    socket.pause()
    const head = [
      `GET /event?after=evt_00000000000000&limit=5 HTTP/1.1`,
      `Host: ${url.host}`,
      `Authorization: Bearer ${ADMIN}`,
    ]
    socket.write([...head, 'Accept: text/event-stream', '', ''].join('\r\n'))
    let before = -1
    await expect
      .poll(
        () => {
          const isStill = read > 0 && read === before
          before = read
          return isStill
        },
        { interval: 500 },
      )
      .toBe(true)
    expect(read).toBeLessThan(120)
    expect(stage.server.services.eventStreams.count).toBe(1)
    await stage.clock.advance(60_000)
    await expect.poll(() => stage.server.services.eventStreams.count).toBe(0)
    socket.resume()
    await once(socket, 'close')
  })

  it('stands in the OpenAPI document', async () => {
    const stage = await openStage(backend)
    const { paths } = (await stage.call('GET', '/openapi.json')) as { paths: Record<string, { get: Described }> }
    const { parameters = [], responses } = paths['/event']?.get ?? {}
    expect(Object.keys(responses?.['200']?.content ?? {})).toEqual(['application/json', 'text/event-stream'])
    expect(parameters.filter((one) => one.in === 'header').map(({ name }) => name)).toEqual(['Last-Event-ID'])
  })

  it('a server that stops ends its streams at once', async () => {
    const stage = await openStage(backend)
    const { body } = await raw(stage)
    const reader = body?.getReader()
    await reader?.read()
    await stage.server.close()
    expect((await reader?.read())?.done).toBe(true)
  })
})
