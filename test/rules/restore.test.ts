import { join } from 'node:path'
import { expect, it } from 'vitest'
import { backUp, putBack } from '../../server/stores/backup.ts'
import { openReceiver, status } from '../outbound/receiver.ts'
import { type Backend, onBothDatabases, openAt, type Place, tempFolder } from '../stores/backends.ts'
import { rawRun } from '../stores/raw.ts'
import { LongLife } from './life.ts'
import { openMailServer } from './mail-server.ts'
import { type Bill, type BillProvider, KEY, startBillProvider } from './providers.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Noon of a Thursday in Amsterdam. */
const T = Date.parse('2060-03-25T11:00:00Z')

const bill = (id: string, customer: string): Bill => ({ id, cents: 5000, customer, isPaid: false, tries: 1 })

async function openScene(backend: Backend) {
  const mail = await openMailServer()
  const [desk, alerts, hooks] = [await openReceiver(), await openReceiver(), await openReceiver()]
  const [acme, umbrella] = [await startBillProvider('acme'), await startBillProvider('umbrella')]
  const settings = { ONEFOLD_SMTP_URL: mail.url, ONEFOLD_SMTP_FROM: 'Acme <alerts@example.com>' }
  const life = new LongLife({ place: await backend.place(), now: T, settings, kills: [] })
  await life.call('POST', '/webhook', { kind: 'slack', name: 'desk', url: desk.url, event_types: [] })
  const types = ['invoice.payment_failed']
  const { id: chat } = await life.call('POST', '/webhook', { kind: 'slack', url: alerts.url, event_types: types })
  await life.call('POST', '/webhook', { url: hooks.url, event_types: types })
  for (const { name, origin } of [acme, umbrella]) {
    const account = { id: name, integration: name, tenant_id: 't', authentication_method: 'key' }
    const reached = { credentials: { key: KEY }, settings: { base_url: origin } }
    await life.call('POST', '/integrated-account', { ...account, ...reached })
    const state = async () => (await life.call('GET', `/integrated-account/${name}`)).webhook?.state
    await expect.poll(state, { timeout: 30_000 }).toBe('provisioned')
  }
  const fail = async (provider: BillProvider, one: Bill, at = life.now): Promise<void> => {
    provider.bills.set(one.id, one)
    await life.deliver(provider.url, () => provider.delivery(`evt_${one.id}`, one, 'failed', at))
    await life.idle()
  }
  const run = async (subject: string) => {
    const { result } = await life.call('GET', `/rule-run?subject=${encodeURIComponent(`invoices/${subject}`)}`)
    return await life.call('GET', `/rule-run/${result[0].id}`)
  }
  const deliveries = async () => (await life.call('GET', `/webhook/${chat}/delivery?limit=100`)).result
  return { mail, desk, alerts, hooks, acme, umbrella, life, fail, run, deliveries }
}

/** Takes a backup now; what is answered puts it in place of the database, after which the server is started by the next call. */
async function backUpOf(backend: Backend, life: LongLife): Promise<() => Promise<void>> {
  if (backend.name === 'sqlite') {
    const file = join(tempFolder(), 'copy.db')
    const { dataDir = '' } = life.place
    await backUp(dataDir, file, life.now)
    return async () => {
      await life.end()
      expect(await putBack({ dataDir, file, masterKeys: [life.masterKey] }, life.now)).toContain('.before-')
    }
  }
  // What pg_dump and pg_restore come to; the copy does not know that it is one.
  await life.end()
  const [own, copy] = [life.place.databaseUrl ?? '', `${life.place.databaseUrl}_copy`]
  const name = new URL(own).pathname.slice(1)
  const server: Place = { databaseUrl: Object.assign(new URL(own), { pathname: '/postgres' }).href }
  await rawRun(server, `create database "${name}_copy" template "${name}"`)
  return async () => {
    await life.end({ databaseUrl: copy })
    const stores = await openAt(life.place, { masterKeys: [life.masterKey] })
    await stores.restores.mark(life.now)
    await stores.close()
  }
}

const shown = ({ messages }: { messages: Record<string, string>[] }) =>
  messages.map(({ step, kind, status: state, error }) => [step, kind, state, error])

onBothDatabases((backend) => {
  it('after a restore nothing is said to people until somebody lets it, and what may have been said not by itself', async () => {
    const { mail, desk, alerts, hooks, acme, umbrella, life, fail, run, deliveries } = await openScene(backend)
    alerts.answer = status(500)
    await fail(acme, bill('in_ada', 'Ada'))
    await expect.poll(() => alerts.received.length, { timeout: 20_000 }).toBe(1)
    await fail(acme, bill('in_cy', 'Cy'))
    const place = (await life.call('GET', '/event?limit=1000')).next_cursor
    const restore = await backUpOf(backend, life)

    // What follows is done by the database that is lost.
    alerts.answer = status(200)
    await life.moveTo(T + 4 * HOUR)
    await fail(umbrella, bill('b-1', 'Bo'))
    await expect.poll(() => alerts.received.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(4)
    const lost = (await life.call('GET', '/event?limit=1000')).next_cursor
    expect(lost > place).toBe(true)
    const cy = acme.bills.get('in_cy') as Bill
    cy.isPaid = true
    await life.moveTo(T + 5 * DAY)
    await life.idle()
    const subjects = () => mail.mails.map(({ subject }) => subject)
    await expect.poll(subjects).toHaveLength(5)
    expect(subjects()).toEqual(expect.arrayContaining(['Reminder 2 of IN-ADA', 'Reminder 2 of b-1']))
    await restore()

    // The event of the gap comes again, and another one happens after it: nobody hears of either, but for programs.
    const before = { mails: mail.mails.length, desk: desk.received.length, alerts: alerts.received.length }
    expect(await life.call('GET', '/restore')).toMatchObject({ is_paused: true, resumed_at: null })
    expect(await life.call('GET', '/rule')).toMatchObject({ is_paused: true })
    await life.moveTo(T + 5 * DAY + HOUR)
    await fail(umbrella, umbrella.bills.get('b-1') as Bill, T + 4 * HOUR)
    await fail(acme, bill('in_dee', 'Dee'))
    const told = () => hooks.received.map(({ body }) => JSON.parse(body).resource_id)
    await expect.poll(() => told().slice(-2), { timeout: 20_000 }).toEqual(['b-1', 'in_dee'])
    await life.end()
    await life.moveTo(T + 5 * DAY + 2 * HOUR)
    await life.idle()
    expect({ mails: mail.mails.length, desk: desk.received.length, alerts: alerts.received.length }).toEqual(before)
    expect(await life.call('GET', '/restore')).toMatchObject({ is_paused: true, due_rule_runs: 4, held_rule_runs: 0 })
    for (const cursor of [place, lost]) {
      expect(await life.call('GET', `/event?after=${cursor}`)).toMatchObject({ code: 'expired_cursor' })
    }

    expect(await life.call('POST', '/restore/resume')).toMatchObject({
      is_paused: false,
      resumed_by: 'token:tok_admin',
    })
    await life.idle()
    expect(await life.call('POST', '/restore/resume')).toMatchObject({ code: 'conflict' })
    // Only what happened after the restore is said.
    expect(subjects().slice(before.mails)).toEqual(['Invoice IN-DEE is not paid'])
    await expect.poll(() => alerts.received.length, { timeout: 20_000 }).toBe(before.alerts + 1)
    expect(alerts.received.at(-1)?.body).toContain('Dee')
    expect(desk.received).toHaveLength(before.desk + 1)
    const ada = await run('in_ada')
    expect(shown(ada)).toEqual([
      [1, 'slack', 'sent', null],
      [1, 'email', 'sent', null],
      [2, 'email', 'outcome_unknown', 'restored'],
    ])
    const bo = await run('b-1')
    expect(shown(bo)).toEqual([
      [1, 'slack', 'outcome_unknown', 'restored'],
      [1, 'email', 'outcome_unknown', 'restored'],
    ])
    expect([ada.status, bo.status]).toEqual(['held', 'held'])
    expect(await run('in_cy')).toMatchObject({ status: 'stopped', reason: 'condition' })
    const states = (await deliveries()).map(({ status: state, error }: Record<string, string>) => [state, error])
    expect(states.filter(([state]: [string]) => state === 'unknown')).not.toEqual([])
    expect(states.filter(([state]: [string]) => state === 'delivered')).toHaveLength(1)
    expect(states.filter(([state]: [string]) => state === 'waiting')).toEqual([])

    // A person decides, and all goes on from there.
    await life.call('POST', `/rule-run/${bo.id}/resend`)
    await life.call('POST', `/rule-run/${ada.id}/skip`)
    await life.idle()
    expect(subjects().slice(before.mails + 1)).toEqual(['Invoice b-1 is not paid'])
    await life.moveTo(T + 7 * DAY)
    await life.idle()
    expect(subjects().slice(before.mails + 2)).toEqual(['Reminder 3 of IN-ADA'])
    // The second reminder of b-1 was due before the restore, too, and was sent.
    await life.moveTo(T + 9 * DAY)
    await life.idle()
    expect(shown(await run('b-1')).at(-1)).toEqual([2, 'email', 'outcome_unknown', 'restored'])
    const skip = (restored: boolean) => life.call('POST', '/rule-run/decide', { decision: 'skip', restored })
    expect(await skip(false)).toMatchObject({ count: 0, left: 0 })
    expect(await skip(true)).toMatchObject({ count: 1, left: 0, result: [{ id: bo.id, step: 2, error: null }] })
    expect(await run('b-1')).toMatchObject({ status: 'active', next_step: 3 })
  }, 120_000)
})
