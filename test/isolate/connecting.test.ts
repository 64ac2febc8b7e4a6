import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ExpressionEntry, listExpressions } from '../../engine/index.ts'
import { errorOut } from '../../server/log-error.ts'
import { ADMIN, openStand, type Stand } from '../http/stand.ts'
import { Visitor } from '../link/visit.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'
import { connectingFiles, connectingReply } from './connecting.ts'
import { LOOP, ruined } from './support.ts'

const ROOT = mkdtempSync(join(tmpdir(), 'onefold-connecting-'))
const KEY = 'k'.repeat(64)
const HOUR_MS = 3_600_000
/** Slots whose answers are secrets, or that see them: they stay in the process, and may do little. */
const BRIEF = /^\/auth\/methods\/|^\/provision\/0\/create\/(id|secret)$/

const slotsOf = (name: string, origin: string): readonly ExpressionEntry[] =>
  listExpressions(connectingFiles(name, origin, ROOT)).filter(({ pointer }) =>
    /^\/(auth|provision)\/|\/find_existing\//.test(pointer),
  )
const SLOTS = slotsOf('acme', 'http://127.0.0.1').map(({ pointer }, at) => [pointer, `slot-${at}`] as const)

/** Addresses of the hostile slots, by integration. */
const addresses = new Map<string, string>()
/** Set while an account waits for its token to end. */
let hourPasses: (() => void) | undefined
let provider: Upstream
let stand: Stand
beforeAll(async () => {
  provider = await startUpstream(connectingReply)
  for (const [at, [, name]] of SLOTS.entries()) {
    const slot = slotsOf(name, provider.url)[at] as ExpressionEntry
    const given = connectingFiles(name, provider.url, ROOT)
    const { files, address } = ruined(given, slot, (source) => `(${LOOP}; ${source})`)
    addresses.set(name, address)
    write(files)
  }
  write(connectingFiles('bolt', provider.url, ROOT))
  stand = await openStand({ ONEFOLD_DEFINITIONS: ROOT })
  expect(await connect('bolt', 'key')).toMatchObject({ status: 201 })
  expect(await webhook('bolt')).toMatchObject({ reason: null, state: 'provisioned' })
}, 120_000)
afterAll(async () => {
  await stand?.close()
  await provider.close()
  rmSync(ROOT, { recursive: true, force: true })
})

function write(files: readonly { readonly path: string; readonly text: string }[]): void {
  for (const { path, text } of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true })
    writeFileSync(join(ROOT, path), text)
  }
}

/** Connects the account of an integration, which has its name, by a form. */
const connect = (name: string, method: string) =>
  stand.call('POST', '/integrated-account', {
    body: {
      ...{ id: name, integration: name, tenant_id: name, authentication_method: method },
      credentials: { key: KEY, ...(['key', 'coded'].includes(method) ? {} : { id: 'id-1' }) },
      // a provider on this machine reaches a server on it
      settings: { base_url: provider.url },
    },
  })

/** What becomes of the deliveries of an account. */
async function webhook(name: string) {
  for (;;) {
    const { body } = await stand.call('GET', `/integrated-account/${name}`)
    if (body.webhook !== null && body.webhook?.state !== 'pending') return body.webhook
    await sleep(20)
  }
}

/** All that becomes of an account from its connection on, step by step, as it is told. */
async function* life(name: string, method: string): AsyncGenerator<unknown> {
  if (method === 'person') yield* agree(name)
  else yield (await connect(name, method)).body
  const { body } = await stand.call('GET', `/integrated-account?tenant_id=${name}`)
  const id = body.result[0]?.id
  if (body.result[0]?.status !== 'active') return
  yield await webhook(id)
  yield (await stand.call('POST', `/integrated-account/${id}/webhook`, { body: { rotate_url: true } })).status
  yield await webhook(id)
  const write = { body: { reference: 'r1' } }
  yield (await stand.call('POST', `/proxy/payments?integrated_account_id=${id}`, write)).body
  await new Promise<void>((resolve) => {
    hourPasses = resolve
  })
  yield (await stand.call('GET', `/proxy/payments?integrated_account_id=${id}`)).body
  yield (await stand.call('DELETE', `/integrated-account/${id}`)).status
  for (let look = 0; look < 500; look++) {
    await sleep(20)
    yield 'it is disconnected'
  }
}

/** A person signs in at the provider, who sends them back. */
async function* agree(name: string): AsyncGenerator<unknown> {
  const fields = { client_id: 'app-1', client_secret: KEY }
  yield (await stand.call('PUT', `/environment/default/oauth-app/${name}/person`, { body: { fields } })).status
  const link = await stand.call('POST', '/link-token', { body: { tenant_id: name, integrations: [name] } })
  const visitor = new Visitor(stand.url)
  await visitor.open(link.body.url)
  const form = { integration: name, method: 'person', fields: {} }
  const began = await visitor.post(`${new URL(link.body.url).pathname}/connect`, form)
  const { ticket } = JSON.parse(began.text)
  const departed = JSON.parse((await visitor.post('/oauth/start', { ticket })).text)
  yield departed
  if (departed.url === undefined) return
  const state = new URL(departed.url).searchParams.get('state')
  yield (await visitor.get(`/oauth/callback/${name}?code=c1&state=${state}`)).status
}

/** The codes of failures that name an address, wherever they were told. */
function codesAt(value: unknown, address: string): string[] {
  if (typeof value === 'string') return value.endsWith(`(${address})`) ? [value.split(':')[0] ?? ''] : []
  if (typeof value !== 'object' || value === null) return []
  const own = 'where' in value && 'code' in value && value.where === address ? [String(value.code)] : []
  return [...own, ...Object.values(value).flatMap((each) => codesAt(each, address))]
}

/** Another tenant is answered, which takes an expression of its own. */
async function others(): Promise<void> {
  const token = { authorization: `Bearer ${ADMIN}` }
  const answer = await fetch(`${stand.url}/proxy/payments?integrated_account_id=bolt`, { headers: token })
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('p1')])
}

it.each(SLOTS)(
  'an expression that never ends in %s holds nobody up, and ends with a code and its address',
  async (pointer, name) => {
    const address = addresses.get(name) ?? ''
    const from = stand.log.told.length
    const logged = () =>
      stand.log.told.slice(from).map(({ fields }) => ('err' in fields ? errorOut(fields.err) : fields))
    const method = /^\/auth\/methods\/(\w+)/.exec(pointer)?.[1] ?? 'key'
    const told: unknown[] = []
    let codes: string[] = []
    const lived = (async () => {
      for await (const one of life(name, method)) {
        told.push(one)
        codes = codesAt([told, logged()], address)
        if (codes.length > 0) return
      }
    })()
    let isOver = false
    const over = lived.finally(() => {
      isOver = true
    })
    // Time stands still: what goes on is stopped by nothing but what it may do, and what is apart not at all.
    for (let call = 0; call < 2; call++) await others()
    for (let steps = 0; !isOver && steps < 60; steps++) {
      await Promise.race([over, sleep(500, undefined, { ref: false })])
      await others()
      if (!isOver) await stand.clock.advance(hourPasses === undefined ? 1000 : HOUR_MS)
      hourPasses?.()
      hourPasses = undefined
    }
    expect(String(codes[0]), JSON.stringify([told, logged()])).toMatch(
      /^(expression_limit|expression_failed|invalid_credentials|post_install_failed)$/,
    )
    expect(codes[0] === 'expression_limit' || BRIEF.test(pointer) || pointer.startsWith('/auth/post_install')).toBe(
      true,
    )
  },
  90_000,
)
