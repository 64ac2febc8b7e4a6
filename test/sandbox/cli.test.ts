import { describe, expect, test } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { NOT_INSTALLED, type OfficialCli, officialCli } from '../support/official-cli.ts'
import { clientOf, letPass, ownIntegration, start } from './support.ts'

const VERSION = '1.52.0'
const cli = officialCli('stripe', 'ONEFOLD_TEST_STRIPE_CLI', VERSION)

/** What the sandbox leaves out, by the first words of the trigger. This list must be what fails, no more and no less. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  identity: 'Identity is not simulated',
  issuing_authorization: 'Issuing is not simulated',
  issuing_card: 'Issuing is not simulated',
  issuing_cardholder: 'Issuing is not simulated',
  issuing_transaction: 'Issuing is not simulated',
  'v1.billing.meter': 'streams of meter events are not simulated',
}

/** Triggers that are no event themselves, and the event that their flow brings about. */
const EVENTS: Readonly<Record<string, string>> = {
  'subscription.payment_failed': 'invoice.payment_failed',
  'subscription.payment_succeeded': 'invoice.payment_succeeded',
  // The flow cancels; an abortion follows only from a subscription that was canceled because nobody paid.
  'subscription_schedule.aborted': 'subscription_schedule.canceled',
}

/** Seconds after which the sandbox does what takes a moment at the provider. */
const LATER: Readonly<Record<string, number>> = {
  'checkout.session.async_payment_failed': 3600,
  'checkout.session.async_payment_succeeded': 3600,
  'reporting.report_run.succeeded': 3600,
}

/** What a flow is told beside its name: the feed lists events for 30 days by the clock, which these move by 31. */
const OVERRIDES: Readonly<Record<string, string>> = {
  'subscription_schedule.completed': 'advance_test_clock:frozen_time=1580342400',
  'test_helpers.test_clock.advancing': 'advance_test_clock:frozen_time=1580342400',
}

const reasonOf = (trigger: string): string | undefined =>
  Object.entries(LEFT_OUT).find(([start]) => trigger.startsWith(`${start}.`))?.[1]

describe('`stripe trigger` of the official CLI', () => {
  if (cli !== undefined) judge(cli)
  else test('judges the sandbox', (context) => context.skip(`${NOT_INSTALLED}: stripe ${VERSION}`))
})

function judge(cli: OfficialCli): void {
  const triggers = listed(cli.text('trigger', '--help'))
  const integration = ownIntegration('stripe')

  test('lists what is left out', () => {
    expect(triggers.length).toBeGreaterThan(100)
    const unused = Object.keys(LEFT_OUT).filter((start) => !triggers.some((trigger) => trigger.startsWith(`${start}.`)))
    expect(unused).toEqual([])
  })

  describe.concurrent('and every event', () => {
    test.each(triggers.filter((trigger) => reasonOf(trigger) === undefined))('%s', async (trigger) => {
      await withSandbox(integration, async (sandbox) => {
        // What a payment leaves after its fee is less than what these send on.
        if (trigger.startsWith('transfer.'))
          await clientOf(sandbox).charges.create({ amount: 100_000, currency: 'usd', source: 'tok_bypassPending' })
        const { code, output } = await fire(cli, sandbox, trigger)
        expect(output).toContain('Trigger succeeded!')
        expect(code).toBe(0)
        await letPass(sandbox, LATER[trigger] ?? 0)
        const type = EVENTS[trigger] ?? trigger
        const { data } = await clientOf(sandbox).events.list({ type, limit: 1 })
        expect(data.map((event) => event.type)).toEqual([type])
      })
    })

    test.each(triggers.filter((trigger) => reasonOf(trigger) !== undefined))('%s is left out', async (trigger) => {
      await withSandbox(integration, async (sandbox) => {
        const { code, output } = await fire(cli, sandbox, trigger)
        expect(output).toContain('The sandbox does not simulate')
        expect(code).toBe(1)
      })
    })
  })
}

const listed = (help: string): string[] =>
  [...help.matchAll(/^ {2}([a-z0-9_]+(?:\.[a-z0-9_]+)+)$/gm)].flatMap(([, trigger]) => trigger ?? [])

async function withSandbox(
  integration: ReturnType<typeof ownIntegration>,
  work: (sandbox: RunningSandbox) => Promise<void>,
): Promise<void> {
  const sandbox = await start(integration, false)
  try {
    await work(sandbox)
  } finally {
    await sandbox.close()
  }
}

function fire(cli: OfficialCli, { origin, credentials }: RunningSandbox, trigger: string) {
  const override = OVERRIDES[trigger]
  const more = override === undefined ? [] : ['--override', override]
  return cli.run('trigger', trigger, ...more, '--api-key', credentials.secret_key ?? '', '--api-base', origin)
}
