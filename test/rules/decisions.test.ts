import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { status } from '../outbound/receiver.ts'
import { ROOT } from '../support/house.ts'
import { MAIN, plainEnvironment } from '../support/served.ts'
import { type Desk, FAILED, openDesk } from './desk.ts'

const run = promisify(execFile)
const DAY = 86_400_000
const alert = (name: string) => `on: [payment.failed]
steps:
  - do: [{ slack: { to: desk, text: '${name} {{ data.id }}' } }]
  - { after: 3d, do: [{ slack: { to: desk, text: '${name} again {{ data.id }}' } }] }
`
const HELD = 5

/** A desk whose chat took every first message of two rules and never said so. */
async function openHeld(): Promise<Desk> {
  const desk = await openDesk({ alert: alert('alert'), other: alert('other') })
  desk.chat.answer = (_received, response) => void response.destroy()
  for (let n = 0; n < HELD; n++) {
    const about = { ...FAILED.about, recordId: `pay${n}` } as typeof FAILED.about
    await desk.happen({ about, data: { ...FAILED.data, id: `pay${n}` } } as Partial<typeof FAILED>)
    await desk.idle()
    await desk.pass(1_000)
  }
  expect(await desk.runs('status=held&limit=100')).toHaveLength(2 * HELD)
  desk.chat.answer = status(200)
  desk.chat.received.length = 0
  return desk
}

const decide = async (desk: Desk, body: object, query = '') =>
  (await desk.stand.call('POST', `/rule-run/decide?${query}`, { body })).body

const acts = async (desk: Desk): Promise<Record<string, unknown>[]> =>
  (await desk.stand.call('GET', '/audit-log?limit=100')).body.result

it('a decision goes through the held runs that fit page by page, once, and each is audited', async () => {
  const desk = await openHeld()
  const wanted = { decision: 'resend', rule: 'alert' }
  const dry = await decide(desk, { ...wanted, dry_run: true }, 'limit=2')
  expect(dry).toMatchObject({ dry_run: true, count: 2, left: 3, environment: 'default', limit: 2 })
  await desk.idle()
  expect(desk.said()).toEqual([])

  const first = await decide(desk, wanted, 'limit=2')
  expect(first).toMatchObject({ count: 2, left: 3, result: dry.result })
  await desk.idle()
  const { next_cursor: cursor } = first
  expect(await decide(desk, { ...wanted, rule: 'other' }, `limit=2&next_cursor=${cursor}`)).toMatchObject({
    code: 'foreign_cursor',
  })
  const second = await decide(desk, wanted, `limit=2&next_cursor=${cursor}`)
  expect(second).toMatchObject({ count: 2, left: 1, until: first.until })
  // A call that is made again finds what is left.
  expect(await decide(desk, wanted, `limit=2&next_cursor=${cursor}`)).toMatchObject({ count: 1, left: 0 })
  await desk.idle()
  expect(desk.said().sort()).toEqual(['pay0', 'pay1', 'pay2', 'pay3', 'pay4'].map((id) => `alert ${id}`))
  expect(await decide(desk, wanted)).toMatchObject({ count: 0, left: 0, result: [], next_cursor: null })
  expect(await desk.runs('status=held&limit=100')).toHaveLength(HELD)

  const told = await acts(desk)
  const of = (action: string) => told.filter((act) => act.action === action)
  expect(new Set(of('rule_run.resend').map(({ target }) => target)).size).toBe(HELD)
  expect(of('rule_run.resend')).toHaveLength(HELD)
  expect(
    of('rule_run.decide')
      .map(({ details }) => (details as { count: number }).count)
      .sort(),
  ).toEqual([0, 1, 2, 2])
})

it('what is held after a decision was begun, or is held again, is another decision', async () => {
  const desk = await openHeld()
  const [newest] = await desk.runs('rule=alert&status=held')
  const until = new Date(desk.stand.clock.now()).toISOString()
  await desk.pass(1_000)
  const page = await decide(desk, { decision: 'resend', rule: 'alert' }, 'limit=1')
  expect(page.result).toMatchObject([{ id: newest.id, step: 1, error: null }])
  desk.chat.answer = (_received, response) => void response.destroy()
  await desk.idle()
  expect(await desk.run(newest.id)).toMatchObject({ status: 'held' })
  const rest = await decide(desk, { decision: 'resend', rule: 'alert' }, `next_cursor=${page.next_cursor}`)
  expect(rest.result.map(({ id }: { id: string }) => id)).not.toContain(newest.id)
  await desk.idle()
  expect(await desk.runs('rule=alert&status=held')).toHaveLength(HELD)
  expect(await decide(desk, { decision: 'stop', until })).toMatchObject({ count: HELD, left: 0 })
  expect(await desk.runs('rule=alert&status=held')).toHaveLength(HELD)
  expect(await desk.runs('rule=other&status=stopped')).toHaveLength(HELD)
})

it('runs that cannot be decided about so stay as they are, and say why', async () => {
  const desk = await openHeld()
  await desk.rule('other', null)
  const { count, result } = await decide(desk, { decision: 'skip' }, 'limit=100')
  expect(count).toBe(HELD)
  const refused = result.filter(({ error }: { error: string | null }) => error !== null)
  expect(refused).toHaveLength(HELD)
  expect(refused).toMatchObject(
    refused.map(() => ({ rule: 'other', error: 'conflict: Its rule is not at work any more' })),
  )
  expect(await desk.runs('status=held&rule=other')).toHaveLength(HELD)
  expect(await desk.runs('status=active&rule=alert')).toHaveLength(HELD)
  await desk.pass(3 * DAY)
  expect(desk.said().sort()).toEqual(['pay0', 'pay1', 'pay2', 'pay3', 'pay4'].map((id) => `alert again ${id}`))
})

it('reaches the held runs of its environment only, and wants the right to write', async () => {
  const desk = await openHeld()
  await desk.stand.call('POST', '/environment', { body: { id: 'theirs', name: 'Theirs' } })
  const token = async (role: string, environment: string) => {
    const headers = { 'x-onefold-environment': environment }
    return (await desk.stand.call('POST', '/api-token', { body: { role }, headers })).body.token
  }
  const body = { decision: 'stop' }
  const theirs = await desk.stand.call('POST', '/rule-run/decide', { body, token: await token('admin', 'theirs') })
  expect(theirs.body).toMatchObject({ environment: 'theirs', count: 0, left: 0, result: [] })
  const reader = await desk.stand.call('POST', '/rule-run/decide', { body, token: await token('read', 'default') })
  expect(reader.status).toBe(403)
  expect((await desk.stand.call('POST', '/rule-run/decide', { body: { decision: 'send' } })).status).toBe(422)
  const { body: wrong } = await desk.stand.call('POST', '/rule-run/decide', { body: { ...body, until: 'today' } })
  expect(wrong).toMatchObject({ code: 'invalid_parameter', where: '/until' })
  expect(await desk.runs('status=held&limit=100')).toHaveLength(2 * HELD)
})

it('the command line decides about those that a restore left in doubt, and leaves the others', async () => {
  const desk = await openHeld()
  const { services } = desk.stand.server
  const held = await decide(desk, { decision: 'resend', rule: 'alert' }, 'limit=100')
  await desk.idle()
  await services.stores.restores.mark(desk.stand.clock.now() + 3 * DAY)
  await services.rules.resume('default', 'token:tok_test')
  await desk.pass(4 * DAY)
  const options = { cwd: ROOT, env: plainEnvironment({ ONEFOLD_TOKEN: 'admin-token-of-the-tests' }) }
  const onefold = async (...args: string[]) =>
    (await run(process.execPath, [MAIN, 'rules', 'decide', ...args, '--url', desk.stand.url], options)).stdout
  expect(await onefold('skip', '--dry-run')).toContain(`skip: ${2 * HELD} runs fit\n`)
  const lines = (await onefold('skip', '--restored')).trim().split('\n')
  expect(lines.at(-1)).toBe(`skip: ${HELD} runs`)
  for (const { id, subject } of held.result) expect(lines).toContain(`${id}  alert  ${subject}  step 2`)
  expect(await desk.runs('status=done&rule=alert')).toHaveLength(HELD)
  expect(await decide(desk, { decision: 'stop', restored: true, dry_run: true })).toMatchObject({ count: 0 })
  expect(await decide(desk, { decision: 'stop', restored: false, dry_run: true })).toMatchObject({ count: HELD })
  await desk.rule('other', null)
  await expect(onefold('skip')).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining(`skip: 0 runs, ${HELD} stay as they are`),
  })
}, 60_000)
