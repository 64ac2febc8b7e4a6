import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileCatalog, listExpressions, renderIssues, type SourceFile } from '../../engine/definition/index.ts'
import { receive } from '../../engine/execute/webhooks.ts'
import { EngineError, type ExpressionIsolate, type Log } from '../../engine/index.ts'
import { SYSTEM_CLOCK } from '../../server/clock.ts'
import { createIsolate, type RunningIsolate } from '../../server/isolate/index.ts'
import { baseFiles, changed } from '../definition/support.ts'
import { type Desk, openDesk } from '../support/calls.ts'
import { deliveryOf, NOW } from '../webhooks/support.ts'
import { ruined, runaway } from './support.ts'

const quiet = (): void => undefined
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet }

const WEBHOOKS = `as: desk/people
provision: [{ manual: Do it. }]
challenge: $query.challenge & ''
unsigned: { when: '$headers.kind = "odd"', body: form, event: { type: "'changed' & ''", account: account & '' } }
signature:
  per: event
  value: $event.seal & ''
  key: $secret & ''
  timestamp: { value: $event.at & '' }
  parts: [{ value: $event.id & '' }, timestamp]
  separator: .
events: $append(events, [])
event: { id: id & '', type: kind & '', account: owner & '', api_version: $body.version & '' }
`

/** More events than an isolate lets wait, so that it matters that they go together. */
const EVENTS = Array.from({ length: 300 }, (_, at) => {
  const seal = createHmac('sha256', 'the-secret')
    .update(`e${at}.${NOW / 1000}`)
    .digest('hex')
  return { id: `e${at}`, kind: 'paid', owner: 'o1', at: String(NOW / 1000), seal }
})

let batches = 0
const seen = new Set<string>()
let isolate: RunningIsolate
let desk: Desk
beforeAll(() => {
  isolate = createIsolate({ clock: SYSTEM_CLOCK, log, limits: { batchMs: 20_000 } })
  desk = openDesk(
    { resources: { things: { methods: { get: { effect: 'read', verb: 'GET', path: '/thing' } } } } },
    'http://127.0.0.1',
  )
})
afterAll(async () => {
  await isolate.close()
  await desk.close()
})

const files = (root: string | undefined) =>
  changed(baseFiles(), [{ file: 'integrations/acme/webhooks.yaml', text: WEBHOOKS }]).map((file) => ({ ...file, root }))

/** What a delivery holds by these definitions, which are an added folder's where their files have a root. */
async function received(given: readonly SourceFile[], kind = 'plain') {
  const { catalog, issues } = compileCatalog(given)
  const integration = catalog?.integrations.get('acme')
  if (catalog === undefined || integration === undefined) throw new Error(renderIssues(issues))
  const watched: ExpressionIsolate = {
    evaluate: (owner, cells) => {
      batches++
      for (const { source } of cells) seen.add(source)
      return isolate.evaluate(owner, cells)
    },
  }
  const body = kind === 'odd' ? 'account=a1' : JSON.stringify({ version: '2026', events: EVENTS })
  const keys = { secrets: ['the-secret'], endpointId: null, nowMs: NOW }
  const context = { catalog, ports: { ...desk.context.ports, isolate: watched } }
  return await receive(context, integration, deliveryOf(body, { kind }), keys)
}

describe('deliveries of an added folder', () => {
  it.each(['plain', 'odd'])('come to the same as of a built-in one, in a few batches: %s', async (kind) => {
    batches = 0
    const events = await received(files('/added'), kind)
    expect(events).toEqual(await received(files(undefined), kind))
    expect(batches).toBeGreaterThan(0)
    expect(batches).toBeLessThan(10)
  })

  const slots = listExpressions(files('/added')).filter(({ file }) => file.endsWith('webhooks.yaml'))

  it.each(slots.map((slot) => [slot.pointer, slot] as const))(
    'end with a code and an address where %s runs away, which does not run in the process',
    async (pointer, slot) => {
      const { files: bad, address } = ruined(files('/added'), slot)
      seen.clear()
      const kind = pointer.startsWith('/unsigned/event') ? 'odd' : 'plain'
      const failure = await received(bad, kind).catch((error: unknown) => error)
      if (!(failure instanceof EngineError)) throw new Error(JSON.stringify(failure)?.slice(0, 200))
      expect(failure.code).toMatch(/^expression_(limit|failed)$/)
      expect(failure.details.where).toBe(address)
      // what sees the secret of the address stays, and may do little
      expect(seen.has(runaway(slot.source))).toBe(pointer !== '/signature/key')
    },
  )
})
