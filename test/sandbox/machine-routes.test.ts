import { afterEach, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { callQuarry, quarryWith } from './machine-quarry.ts'
import { start } from './support.ts'

let running: RunningSandbox[] = []
afterEach(async () => {
  for (const sandbox of running) await sandbox.close()
  running = []
})

/** The made-up provider with more methods of entries, and one entry. */
async function quarry(more: string, methods: string): Promise<RunningSandbox> {
  const integration = quarryWith(more, (rules) => rules.replace('      give_back:', `${methods}\n      give_back:`))
  const sandbox = await start(integration, false)
  running.push(sandbox)
  await callQuarry(sandbox, 'POST', '/ledgers/main/entries', { amount: '1.00', currency: 'EUR', client_no: null })
  return sandbox
}

const STAMP = "      stamp: { set: { wording: '$body.text & $string($body.times + 1)' } }"
const DOOR =
  "{ verb: POST, path: '/door/{{ $path.number }}/stamp', method: entries.stamp, parameters: { text: string, times: integer } }"

describe('an address beside the operations', () => {
  it('answers with its method, and takes the parameters it names in their types', async () => {
    const sandbox = await quarry(`routes: [${DOOR}]`, STAMP)
    const stamped = await callQuarry(sandbox, 'POST', '/door/1/stamp', { text: 'x', times: 2 })
    expect(stamped).toMatchObject({ status: 200, body: { number: 1, wording: 'x3' } })
    expect(await callQuarry(sandbox, 'POST', '/door/1/stamp', { shoes: 1 })).toMatchObject({ status: 422 })
    expect(await callQuarry(sandbox, 'POST', '/door/1/stamp', { text: 'x', times: 'two' })).toMatchObject({
      status: 422,
    })
    expect(await callQuarry(sandbox, 'POST', '/door/9/stamp', { text: 'x', times: 2 })).toMatchObject({ status: 404 })
    expect(await callQuarry(sandbox, 'GET', '/door/1/stamp')).toMatchObject({ status: 404 })
  })

  it('needs a method that there is, and a resource that can be read', async () => {
    await expect(quarry(`routes: [${DOOR}]`, '')).rejects.toThrow('entries.stamp')
    const ledger = "{ verb: POST, path: '/door', method: ledgers.list }"
    await expect(quarry(`routes: [${ledger}]`, '')).rejects.toThrow('/door')
  })
})

describe('a step that moves the clock', () => {
  const SLEEP = `      sleep: { before: [{ advance_s: $body.seconds }, { when: $body.seconds = 5, fail: { error: settled_back } }] }`
  const more = `
routes: [{ verb: POST, path: '/door/{{ $path.number }}/sleep', method: entries.sleep, parameters: { seconds: integer } }]
due:
  - { in: entries, at: '$toMillis(booked_at) / 1000 + 100', do: [{ set: { fields: { wording: $fromUnix($now) } } }] }
`
  it('lets what is due act before the next answer, and moves nothing when the call fails', async () => {
    const sandbox = await quarry(more, SLEEP)
    const now = async (): Promise<unknown> => (await callQuarry(sandbox, 'GET', '/_sandbox/clock')).body.now
    expect(await callQuarry(sandbox, 'POST', '/door/1/sleep', { seconds: 5 })).toMatchObject({ status: 409 })
    expect(await now()).toBe('2026-10-01T00:00:00Z')
    const slept = await callQuarry(sandbox, 'POST', '/door/1/sleep', { seconds: 300 })
    expect(slept).toMatchObject({ status: 200, body: { wording: null } })
    expect(await now()).toBe('2026-10-01T00:05:00Z')
    const { body } = await callQuarry(sandbox, 'GET', '/ledgers/main/entries/1')
    expect(JSON.stringify(body)).toContain('2026-10-01T00:01:40Z')
  })
})

describe('what an empty world finds due', () => {
  it('happens now, not before there was a world', async () => {
    const sandbox = await quarry(
      `due: [{ in: entries, at: '1000', do: [{ set: { fields: { wording: $fromUnix($now) } } }] }]`,
      '',
    )
    const { body } = await callQuarry(sandbox, 'GET', '/ledgers/main/entries/1')
    expect(JSON.stringify(body)).toContain('2026-10-01T00:00:00Z')
  })
})
