import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { NewEvent, StoredEvent } from '../../server/stores/index.ts'
import { type Answer, DEFINITIONS, openStand, type Stand } from '../http/stand.ts'
import { openReceiver, type Receiver } from '../outbound/receiver.ts'
import { tempFolder } from '../stores/backends.ts'
import { type MailServer, openMailServer } from './mail-server.ts'

/** A server with rules, a chat `desk` and a mailbox that it reaches, and a time that moves when told to. */
export interface Desk {
  readonly stand: Stand
  readonly chat: Receiver
  readonly mail: MailServer
  /** Writes a rule, or something that is none. */
  write(name: string, text: string): void
  /** Writes a rule, or takes it away; resolves when the server goes by it. */
  rule(name: string, text: string | null): Promise<void>
  /** Stores events in one transaction. */
  happen(...events: Partial<NewEvent>[]): Promise<readonly StoredEvent[]>
  /** Waits until rules have nothing to do at the present time. */
  idle(): Promise<void>
  /** Moves on by so many milliseconds, and waits. */
  pass(ms: number): Promise<void>
  runs(query?: string): Promise<Answer['body'][]>
  run(id: string): Promise<Answer['body']>
  /** What the chat was told. */
  said(): string[]
}

/** An event about a payment of acme-1. */
export const FAILED: NewEvent = {
  ...{
    type: 'payment.failed',
    integratedAccountId: 'acme-1',
    tenantId: 'tenant-1',
    integration: 'acme',
    livemode: false,
  },
  data: { id: 'pay_1', object: 'payment', amount: 1999, currency: 'EUR', customer: { id: 'cus0000', name: 'Ada' } },
  rawEventId: 'raw_1',
  about: { model: 'payment-gateway', resource: 'payments', recordId: 'pay_1', occurredAt: null },
}

export async function openDesk(rules: Readonly<Record<string, string>>): Promise<Desk> {
  const folder = tempFolder()
  const fileOf = (name: string): string => join(folder, 'rules', `${name}.yaml`)
  mkdirSync(join(folder, 'rules'))
  const write = (name: string, text: string) =>
    writeFileSync(fileOf(name), `name: ${name}\ndescription: A rule.\n${text}`)
  for (const [name, text] of Object.entries(rules)) write(name, text)
  const chat = await openReceiver()
  const mail = await openMailServer()
  const stand = await openStand({
    ONEFOLD_DEFINITIONS: `${DEFINITIONS},${folder}`,
    ...{ ONEFOLD_SMTP_URL: mail.url, ONEFOLD_SMTP_FROM: 'alerts@example.com' },
  })
  onTestFinished(() => stand.close())
  await stand.call('POST', '/webhook', { body: { kind: 'slack', name: 'desk', url: chat.url, event_types: [] } })
  const { stores, jobs } = stand.server.services
  const isBusy = async () => {
    const all = await jobs.list({ environments: ['default'], limit: 100 })
    return all.some(
      ({ name, status, runAt }) => name.startsWith('rules') && (status === 'running' || runAt <= stand.clock.now()),
    )
  }
  const desk: Desk = {
    ...{ stand, chat, mail, write },
    rule: async (name, text) => {
      const before = (await stand.call('GET', `/rule/${name}`)).body.version
      if (text === null) rmSync(fileOf(name))
      else write(name, text)
      const version = async () => (await stand.call('GET', `/rule/${name}`)).body.version
      await expect.poll(version, { timeout: 10_000 }).not.toBe(before)
    },
    happen: (...events) =>
      stores.database.db.transaction().execute((trx) =>
        stores.events.append(
          trx,
          'default',
          events.map((event) => ({ ...FAILED, ...event })),
          stand.clock.now(),
        ),
      ),
    idle: async () => {
      for (let quiet = 0; quiet < 3; ) {
        quiet = (await isBusy()) ? 0 : quiet + 1
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    },
    pass: async (ms) => {
      await stand.clock.leap(ms)
      await desk.idle()
    },
    runs: async (query = '') => (await stand.call('GET', `/rule-run?${query}`)).body.result,
    run: async (id) => (await stand.call('GET', `/rule-run/${id}`)).body,
    said: () => chat.received.map(({ body }) => JSON.parse(body).blocks[0].text.text),
  }
  return desk
}
