import { expect, it } from 'vitest'
import { openSandboxed } from './sandboxed.ts'

const PAYMENTS = 'payment-gateway/payments'

// Chargebee tells of a refund and not of its payment, Mollie likewise.
it.each(['chargebee', 'mollie'])(
  'a refund at %s moves the synced payment that it is of, once',
  async (integration) => {
    const stand = await openSandboxed(true, {}, integration)
    const { run_id } = await stand.sync([PAYMENTS])
    expect(await stand.ended(run_id)).toMatchObject({ status: 'succeeded' })
    const before = [...(await stand.records(PAYMENTS, 'synced')).values()]
    const payment = before.find(
      ({ is_refundable, refund_status }) => is_refundable === true && refund_status === 'none',
    )
    const { id } = payment as { id: string }
    const asked = await stand.call('POST', `/unified/${PAYMENTS}/${id}/refund?integrated_account_id=pay`, {
      amount: 100,
    })
    expect(asked).toMatchObject({ result: { object: 'refund', payment: { id } } })
    await stand.quiet()
    const kept = (await stand.records(PAYMENTS, 'synced')).get(id)
    const { amount_refundable, refund_status } = (await stand.records(PAYMENTS, 'live')).get(id) ?? {}
    expect(kept).toMatchObject({ amount_refundable, refund_status })
    expect(refund_status).not.toBe('none')
    const about = (await stand.told()).filter(({ resource_id }) => resource_id === id)
    expect(about).toMatchObject([
      { type: 'record:updated', changes: { refund_status: { from: 'none', to: refund_status } } },
    ])
  },
  120_000,
)
