import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { ownIntegration, start } from '../sandbox/support.ts'
import { type Front, openFront } from '../support/front.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

// The example that the official Ruby client verifies in its own tests: secret, header and body, to the byte.
const OFFICIAL = {
  secret: '354fab5bd35f5a0d50845ee7e30165244468b13c2c343f104e4e730a59326d9d',
  header: '1663103925004,ad24699f3beaa24c9af2cc7ada3ce4c835da0090194241b9d3add83d27f14bc3',
  body: '{"id":"rjxwmwedwqug","object_type":"account","site_id":"qc326l1hl8k9","event_type":"created","event_time":"2022-09-13T21:18:40Z","account_code":"adfas23zzz14123"}',
}
const NOW = 1_663_103_925_004
const NEXT = 'the-next-secret'

let world: RunningSandbox
let front: Front
let url: string
const clock = new VirtualClock(NOW)
let told = 0

/** As Recurly documents it: HMAC with SHA-256 over milliseconds, a dot and the body, in hex. */
const signed = (body: string, secret: string, ms = clock.now()): string =>
  createHmac('sha256', secret).update(`${ms}.${body}`).digest('hex')

/** A delivery about an account that no other delivery has told of. */
const news = (id = `acct${++told}`): string =>
  JSON.stringify({
    ...{ id, object_type: 'account', site_id: 'site00sandbox', event_type: 'updated' },
    ...{ event_time: new Date(clock.now()).toISOString(), account_code: id },
  })

async function deliver(body: string, signature?: string): Promise<readonly [number, string | undefined]> {
  const headers = signature === undefined ? {} : { 'recurly-signature': signature }
  const answer = await fetch(url, { method: 'POST', body, headers: { ...headers, 'content-type': 'application/json' } })
  const text = await answer.text()
  return [answer.status, answer.ok ? undefined : JSON.parse(text).code]
}

const stored = async (): Promise<number> => (await front.call('GET', '/raw-event?limit=100')).body.result.length
const bring = (secret: string) => front.call('POST', '/integrated-account/r-1/webhook', { secret })
const TAKEN = [200, undefined]
const REFUSED = [401, 'signature_refused']

beforeAll(async () => {
  world = await start(ownIntegration('recurly'), false)
  front = await openFront(clock)
  await front.connect({ id: 'r-1', integration: 'recurly', world })
  const webhook = async () => (await front.call('GET', '/integrated-account/r-1')).body.webhook
  await vi.waitFor(async () => expect((await webhook())?.state).toBe('manual'), { timeout: 20_000 })
  url = (await webhook()).url
}, 120_000)

afterAll(async () => {
  await front?.close()
  await world?.close()
})

it('before its secret is here, nothing is believed', async () => {
  expect(await deliver(OFFICIAL.body, OFFICIAL.header)).toEqual(REFUSED)
  expect((await bring(OFFICIAL.secret)).status).toBe(200)
})

it("the official client's example is taken, and reaches only the site that it names", async () => {
  expect(await deliver(OFFICIAL.body, OFFICIAL.header)).toEqual(TAKEN)
  expect(await stored()).toBe(0)
  const own = news()
  expect(await deliver(own, `${NOW},${signed(own, OFFICIAL.secret)}`)).toEqual(TAKEN)
  expect(await stored()).toBe(1)
})

it.each<[string, (body: string, signature: string) => readonly [string, string?]]>([
  ['altered', (body, signature) => [body.replace('updated', 'deleted'), `${NOW},${signature}`]],
  ['with a blank more', (body, signature) => [`${body} `, `${NOW},${signature}`]],
  ['signed with another secret', (body) => [body, `${NOW},${signed(body, 'another')}`]],
  ['with the time of another', (body, signature) => [body, `${NOW + 1},${signature}`]],
  [
    'five minutes and a second old',
    (body) => [body, `${NOW - 301_000},${signed(body, OFFICIAL.secret, NOW - 301_000)}`],
  ],
  ['with a time in seconds', (body) => [body, `${NOW / 1000},${signed(body, OFFICIAL.secret, NOW / 1000)}`]],
  ['with no time', (body, signature) => [body, signature]],
  ['with no signature', (body) => [body, `${NOW},`]],
  ['with nothing', (body) => [body]],
])('one %s is refused, and not stored', async (_name, spoil) => {
  const before = await stored()
  const body = news()
  const [sent, header] = spoil(body, signed(body, OFFICIAL.secret))
  expect(await deliver(sent, header)).toEqual(REFUSED)
  expect(await stored()).toBe(before)
})

it('one that is five minutes old is taken', async () => {
  const [body, ms] = [news(), NOW - 300_000]
  expect(await deliver(body, `${ms},${signed(body, OFFICIAL.secret, ms)}`)).toEqual(TAKEN)
})

it('two secrets hold on both sides while one takes the place of the other', async () => {
  const both = (body: string, first: string, second: string) =>
    deliver(body, `${clock.now()},${signed(body, first)},${signed(body, second)}`)
  // Recurly signs with both of its keys; one of them is enough.
  expect(await both(news(), 'another', OFFICIAL.secret)).toEqual(TAKEN)
  expect(await both(news(), OFFICIAL.secret, NEXT)).toEqual(TAKEN)
  expect(await both(news(), 'another', NEXT)).toEqual(REFUSED)
  expect((await bring(NEXT)).status).toBe(200)
  for (const secret of [NEXT, OFFICIAL.secret]) {
    const body = news()
    expect(await deliver(body, `${clock.now()},${signed(body, secret)}`)).toEqual(TAKEN)
  }
  await clock.advance(86_400_000)
  expect(await both(news(), OFFICIAL.secret, 'another')).toEqual(REFUSED)
  expect(await both(news(), OFFICIAL.secret, NEXT)).toEqual(TAKEN)
})
