import { expect, it } from 'vitest'
import { openReceiver } from '../outbound/receiver.ts'
import { type Backend, onBothDatabases } from '../stores/backends.ts'
import { LongLife } from './life.ts'
import { openMailServer } from './mail-server.ts'
import { type Bill, type BillProvider, KEY, startBillProvider } from './providers.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Noon of a Thursday in Amsterdam; clocks change in the night to Sunday. */
const T = Date.parse('2060-03-25T11:00:00Z')
const SENDER = 'Acme <alerts@example.com>'

/** Something that happens at a provider. */
interface Happening {
  readonly at: number
  readonly provider: BillProvider
  readonly bill: string
  /** `quietly`: it is paid, and nobody tells. */
  readonly what: 'failed' | 'paid' | 'quietly'
}

async function openScene(backend: Backend, options: { kills: readonly number[]; inWindow?: boolean }) {
  const mail = await openMailServer()
  const desk = await openReceiver()
  const hooks = await openReceiver()
  const acme = await startBillProvider('acme')
  const umbrella = await startBillProvider('umbrella')
  const settings = { ONEFOLD_SMTP_URL: mail.url, ONEFOLD_SMTP_FROM: SENDER }
  const life = new LongLife({ ...options, place: await backend.place(), now: T, settings })
  await life.call('POST', '/webhook', { kind: 'slack', name: 'desk', url: desk.url, event_types: [] })
  await life.call('POST', '/webhook', { url: hooks.url, event_types: ['rule.*', 'rule_run.*'] })
  for (const { name, origin } of [acme, umbrella]) {
    const account = {
      id: name,
      integration: name,
      tenant_id: 't',
      authentication_method: 'key',
      credentials: { key: KEY },
    }
    await life.call('POST', '/integrated-account', { ...account, settings: { base_url: origin } })
    const state = async () => (await life.call('GET', `/integrated-account/${name}`)).webhook?.state
    await expect.poll(state, { timeout: 30_000 }).toBe('provisioned')
  }
  return { mail, desk, hooks, acme, umbrella, life }
}

const bill = (id: string, cents: number, customer: string): Bill => ({ id, cents, customer, isPaid: false, tries: 1 })

/** Lets everything happen at its time, until nothing is left that goes on by itself. */
async function play(life: LongLife, happenings: readonly Happening[], until = Number.POSITIVE_INFINITY): Promise<void> {
  const ahead = [...happenings].sort((a, b) => a.at - b.at)
  for (;;) {
    await life.idle()
    const { result } = await life.call('GET', '/rule-run?status=active&limit=1000')
    const steps = result.map(({ next_at: at }: { next_at: string }) => Date.parse(at))
    const next = Math.min(...steps, ahead[0]?.at ?? Number.POSITIVE_INFINITY)
    if (next > until || next === Number.POSITIVE_INFINITY) return
    await life.moveTo(next)
    while (ahead[0] !== undefined && ahead[0].at <= next) await happen(life, ahead.shift() as Happening)
  }
}

async function happen(life: LongLife, { provider, bill: id, what, at }: Happening): Promise<void> {
  const found = provider.bills.get(id) as Bill
  found.isPaid = what !== 'failed'
  if (what === 'quietly') return
  const event = `evt_${id}_${what}_${at}`
  await life.deliver(provider.url, () => provider.delivery(event, found, what, life.now))
}

/** Who is never paid, paid in between, paid without a word, too small, and told of at odd times. */
function scenario(acme: BillProvider, umbrella: BillProvider): Happening[] {
  for (const one of [bill('in_ada', 1990, 'Ada'), bill('in_bo', 5000, 'Bo'), bill('in_cy', 7000, 'Cy')]) {
    acme.bills.set(one.id, one)
  }
  acme.bills.set('in_small', bill('in_small', 999, 'Small'))
  for (const one of [bill('b-1', 123456, 'Dee'), bill('b-2', 4200, 'Eve')]) umbrella.bills.set(one.id, one)
  return [
    { at: T, provider: acme, bill: 'in_ada', what: 'failed' },
    { at: T + 2 * DAY, provider: acme, bill: 'in_ada', what: 'failed' },
    { at: T + HOUR, provider: acme, bill: 'in_small', what: 'failed' },
    { at: T + 2 * HOUR, provider: umbrella, bill: 'b-1', what: 'failed' },
    // 22:30 of Thursday waits until eight of Friday; it is paid before the third reminder.
    { at: T + 10.5 * HOUR, provider: acme, bill: 'in_bo', what: 'failed' },
    { at: T + 5 * DAY, provider: acme, bill: 'in_bo', what: 'paid' },
    // 21:00 of Saturday waits over the change of clocks and a quiet Sunday until eight of Monday.
    { at: T + 2 * DAY + 9 * HOUR, provider: umbrella, bill: 'b-2', what: 'failed' },
    { at: T + 3 * HOUR, provider: acme, bill: 'in_cy', what: 'failed' },
    { at: T + 4 * DAY, provider: acme, bill: 'in_cy', what: 'quietly' },
  ]
}

/** What is to be sent, each once: when by the clock of the server, to whom, and what. */
const MAILS = [
  '2060-03-25T11:00 ada@example.com Invoice IN-ADA is not paid',
  '2060-03-25T13:00 dee@example.com Invoice b-1 is not paid',
  '2060-03-25T14:00 cy@example.com Invoice IN-CY is not paid',
  '2060-03-26T07:00 bo@example.com Invoice IN-BO is not paid',
  // Three days after a quiet Sunday would be the day itself: it is put off to Monday at eight, in summer time now.
  '2060-03-29T06:00 ada@example.com Reminder 2 of IN-ADA',
  '2060-03-29T06:00 bo@example.com Reminder 2 of IN-BO',
  '2060-03-29T06:00 cy@example.com Reminder 2 of IN-CY',
  '2060-03-29T06:00 dee@example.com Reminder 2 of b-1',
  '2060-03-29T06:00 eve@example.com Invoice b-2 is not paid',
  '2060-03-31T06:00 eve@example.com Reminder 2 of b-2',
  '2060-04-01T10:00 ada@example.com Reminder 3 of IN-ADA',
  '2060-04-01T12:00 dee@example.com Reminder 3 of b-1',
  '2060-04-05T06:00 eve@example.com Reminder 3 of b-2',
  '2060-04-08T10:00 ada@example.com Last reminder of IN-ADA',
  '2060-04-08T12:00 dee@example.com Last reminder of b-1',
  '2060-04-12T06:00 eve@example.com Last reminder of b-2',
]

// More by hand: RULES_KILLS='3,9,26,40 1,17,33' npx vitest run test/rules/dunning.test.ts
const MORE = process.env.RULES_KILLS?.split(' ').map((kills) => kills.split(',').map(Number))

onBothDatabases((backend) => {
  const lives =
    MORE ??
    (backend.name === 'sqlite'
      ? [
          [3, 21],
          [9, 30],
        ]
      : [[5], [14]])

  it.each(lives)(
    'thirty days of reminders, killed again and again: each message once (%s)',
    async (...kills) => {
      const { mail, desk, hooks, acme, umbrella, life } = await openScene(backend, { kills })
      const sent: string[] = []
      mail.before = ({ to, subject }) => {
        sent.push(`${new Date(life.now).toISOString().slice(0, 16)} ${to} ${subject}`)
      }
      await play(life, scenario(acme, umbrella))
      await life.moveTo(T + 30 * DAY)
      await life.idle()
      expect(life.lives).toBe(kills.length + 1)
      expect(sent.sort()).toEqual([...MAILS].sort())
      expect(mail.mails.find(({ to }) => to === 'dee@example.com')?.text).toContain(
        '1234.56 EUR could not be collected',
      )
      const said = desk.received.map(({ body }) => JSON.parse(body).text).sort()
      expect(said).toEqual(
        ['IN-ADA of Ada', 'IN-BO of Bo', 'IN-CY of Cy', 'b-1 of Dee', 'b-2 of Eve'].map(
          (each) => `Invoice ${each} failed`,
        ),
      )
      const { result: runs } = await life.call('GET', '/rule-run?limit=100')
      const ended = runs.map(
        ({ subject, status, reason }: Record<string, string>) => `${subject} ${status} ${reason?.slice(0, 4)}`,
      )
      expect(ended.sort()).toEqual([
        'invoices/b-1 done undefined',
        'invoices/b-2 done undefined',
        'invoices/in_ada done undefined',
        'invoices/in_bo stopped evt_',
        'invoices/in_cy stopped cond',
      ])
      const { result: notes } = await life.call('GET', '/rule-note?resource=invoices')
      expect(notes.map(({ resource_id: id }: { resource_id: string }) => id).sort()).toEqual(['b-1', 'b-2', 'in_ada'])
      const delivered = async () => new Set(hooks.ids()).size
      await expect.poll(delivered, { timeout: 20_000 }).toBe(3)
      expect(hooks.received.map(({ body }) => JSON.parse(body).type)).not.toContain('rule_run.held')
    },
    240_000,
  )

  it('killed while it sends: the outcome is unknown, shown once, and never sent again alone', async () => {
    const { mail, desk, hooks, acme, life } = await openScene(backend, { kills: [2], inWindow: true })
    acme.bills.set('in_ada', bill('in_ada', 1990, 'Ada'))
    await play(life, [{ at: T, provider: acme, bill: 'in_ada', what: 'failed' }], T + HOUR)
    expect(life.lives).toBe(2)
    await life.moveTo(T + 11 * DAY)
    await life.idle()
    expect(mail.mails.map(({ subject }) => subject)).toEqual(['Invoice IN-ADA is not paid'])
    const { result } = await life.call('GET', '/rule-run?status=held')
    const path = `/rule-run/${result[0].id}`
    const shown = (await life.call('GET', path)).messages.map(({ kind, status }: Record<string, string>) => [
      kind,
      status,
    ])
    expect(shown).toEqual([
      ['slack', 'sent'],
      ['email', 'outcome_unknown'],
    ])
    const told = () => hooks.received.map(({ body }) => JSON.parse(body).type)
    await expect.poll(told, { timeout: 20_000 }).toEqual(['rule_run.held'])
    expect(await life.call('POST', `${path}/resend`)).toMatchObject({ status: 'active' })
    await life.idle()
    const [first, second, ...rest] = mail.mails
    expect(second).toMatchObject({ subject: first?.subject, id: first?.id })
    expect(rest).toEqual([])
    expect(desk.received).toHaveLength(1)
    // What is late keeps its distance: three days after the first, by the calendar of the rule.
    expect(await life.call('GET', path)).toMatchObject({
      status: 'active',
      next_step: 2,
      next_at: '2060-04-08T10:00:00.000Z',
    })
  }, 120_000)
})
