import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Desk, openDesk, type Refundable, refundOf } from './agents.ts'
import { type AnyClient, connectToday, type SeenAnswer } from './clients.ts'

let desk: Desk
let payments: Refundable[]
const clients: AnyClient[] = []
const MONEY = ['read', 'write', 'money']

beforeAll(async () => {
  desk = await openDesk()
  payments = [...(await desk.refundable(12))]
}, 60_000)
afterAll(async () => {
  for (const client of clients) await client.close()
  await desk.close()
})

/** A client with a token of its own. */
async function holding(config: Record<string, unknown>): Promise<AnyClient & { readonly tokenId: string }> {
  const { id, token } = await desk.agent({ effects: MONEY, ...config })
  const client = await connectToday(desk.mcp, token)
  clients.push(client)
  return { ...client, tokenId: id }
}

const next = (): Refundable => {
  const payment = payments.shift()
  if (payment === undefined) throw new Error('no payment is left')
  return payment
}
const approvalIn = (answer: SeenAnswer) => answer.structuredContent.error.approval
const codeOf = (answer: SeenAnswer): string | undefined => answer.structuredContent.error?.code

describe('human', () => {
  it('a refund is held, shown as it would be sent, released over the API, and made once', async () => {
    const client = await holding({})
    const { id, currency } = next()
    const before = await desk.refunds()
    const held = await client.call('act_on_record', refundOf(id, 300))
    expect(codeOf(held)).toBe('approval_required')
    const approval = approvalIn(held)
    expect(approval).toMatchObject({ state: 'pending', approval: 'human', effect: 'money', amount: 300, currency })
    expect(await desk.refunds()).toBe(before)
    expect(approvalIn(await client.call('act_on_record', refundOf(id, 300))).id).toBe(approval.id)
    expect(codeOf(await client.call('confirm_action', { approval_id: approval.id }))).toBe('approval_pending')

    const approver = await desk.approver()
    const shown = await desk.api('GET', `/approval/${approval.id}`, undefined, approver)
    expect(shown.body.request).toMatchObject({ surface: 'unified', resource: 'payments', method: 'refund', id })
    expect(shown.body.sends).toMatchObject({ verb: 'POST', url: expect.stringContaining('/v1/refunds') })
    expect(shown.body.sends.body).toContain('amount=300')
    expect(JSON.stringify(shown.body)).not.toMatch(/sk_test|Bearer/)
    const released = await desk.api('POST', `/approval/${approval.id}`, { decision: 'release' }, approver)
    expect(released.body).toMatchObject({ state: 'released', decided_by: expect.stringMatching(/^token:tok_/) })
    expect(await desk.refunds()).toBe(before)

    const tries = await Promise.all(
      Array.from({ length: 8 }, () => client.call('confirm_action', { approval_id: approval.id })),
    )
    const done = tries.filter(({ isError }) => isError !== true)
    expect(done).toHaveLength(1)
    expect(done[0]?.structuredContent.result).toMatchObject({ amount: 300, currency, object: 'refund' })
    expect(tries.flatMap((one) => codeOf(one) ?? [])).toEqual(Array(7).fill('approval_over'))
    expect(await desk.refunds()).toBe(before + 1)
    expect((await desk.api('GET', `/approval/${approval.id}`)).body).toMatchObject({
      state: 'used',
      outcome: 'succeeded',
    })
  })

  it('a refused refund is not made, and the agent is told why', async () => {
    const client = await holding({})
    const { id } = next()
    const approval = approvalIn(await client.call('act_on_record', refundOf(id, 100)))
    const approver = await desk.approver()
    await desk.api('POST', `/approval/${approval.id}`, { decision: 'refuse', note: 'too early' }, approver)
    const answer = await client.call('confirm_action', { approval_id: approval.id })
    expect(answer.structuredContent.error).toMatchObject({
      code: 'approval_refused',
      detail: expect.stringContaining('too early'),
    })
    const late = await desk.api('POST', `/approval/${approval.id}`, { decision: 'release' }, approver)
    expect(late.body.code).toBe('approval_over')
  })

  it('nobody approves without the role, nor what they asked for themselves', async () => {
    const client = await holding({})
    const approval = approvalIn(await client.call('act_on_record', refundOf(next().id, 100)))
    const roles = await Promise.all(
      ['write', 'read'].map(
        async (role) => (await desk.api('POST', '/api-token', { role, environment: 'sandbox' })).body.token,
      ),
    )
    const own = await desk.agent({ effects: MONEY })
    for (const token of [...roles, own.token]) {
      const answer = await desk.api('POST', `/approval/${approval.id}`, { decision: 'release' }, token)
      expect(answer.body.code).toBe('forbidden')
    }
    expect((await desk.api('GET', `/approval/${approval.id}`, undefined, own.token)).body.code).toBe('not_found')
    const admin = (await desk.api('POST', '/api-token', { role: 'admin', environment: 'sandbox' })).body
    const asAgent = await connectToday(desk.mcp, admin.token)
    clients.push(asAgent)
    const args = { ...refundOf(next().id, 100), integrated_account_id: 'sandbox-stripe' }
    const its = approvalIn(await asAgent.call('act_on_record', args))
    const answer = await desk.api('POST', `/approval/${its.id}`, { decision: 'release' }, admin.token)
    expect(answer.body).toMatchObject({ code: 'forbidden', detail: 'The token that asked cannot approve itself' })
  })

  it('an account token is held over MCP, and confirms over HTTP as bound and once', async () => {
    const made = await desk.api('POST', '/integrated-account/sandbox-stripe/token', { effects: MONEY })
    const client = await connectToday(desk.mcp, made.body.token)
    clients.push(client)
    const approval = approvalIn(await client.call('act_on_record', refundOf(next().id, 100)))
    await desk.api('POST', `/approval/${approval.id}`, { decision: 'release' }, await desk.approver())
    const before = await desk.refunds()
    const confirm = () => desk.api('POST', `/approval/${approval.id}/confirm`, undefined, made.body.token)
    const answers = await Promise.all([confirm(), confirm(), confirm()])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409])
    expect(await desk.refunds()).toBe(before + 1)
  })

  it('what was released is not made when the definitions are others by then', async () => {
    const client = await holding({})
    const approval = approvalIn(await client.call('act_on_record', refundOf(next().id, 100)))
    await desk.api('POST', `/approval/${approval.id}`, { decision: 'release' }, await desk.approver())
    const { engine } = desk.server.services
    const catalog = engine.catalog()
    const before = await desk.refunds()
    engine.swap({ ...catalog, hash: 'another' })
    const answer = await client.call('confirm_action', { approval_id: approval.id })
    engine.swap(catalog)
    expect(codeOf(answer)).toBe('approval_stale')
    expect(codeOf(await client.call('confirm_action', { approval_id: approval.id }))).toBe('approval_over')
    expect(await desk.refunds()).toBe(before)
  })

  it('over HTTP the same token is held in the same way', async () => {
    const { token } = await desk.agent({ effects: MONEY })
    const { id } = next()
    const path = `/unified/payment-gateway/payments/${id}/refund`
    const held = await desk.api('POST', path, { amount: 120 }, token)
    expect(held).toMatchObject({ status: 403, body: { code: 'approval_required', approval: { state: 'pending' } } })
    const approver = await desk.approver()
    await desk.api('POST', `/approval/${held.body.approval.id}`, { decision: 'release' }, approver)
    const done = await desk.api('POST', `/approval/${held.body.approval.id}/confirm`, undefined, token)
    expect(done).toMatchObject({ status: 200, body: { result: { amount: 120 } } })
  })
})

describe('confirm', () => {
  it('the agent confirms what it was shown, under its limits', async () => {
    const payment = next()
    const limits = [{ currency: payment.currency, per_call: 200, per_day: 250 }]
    const client = await holding({ approval: 'confirm', limits })
    const held = approvalIn(await client.call('act_on_record', refundOf(payment.id, 200)))
    expect(held).toMatchObject({ state: 'released', approval: 'confirm', amount: 200 })
    const done = await client.call('confirm_action', { approval_id: held.id })
    expect(done.structuredContent.result).toMatchObject({ amount: 200 })
    expect(codeOf(await client.call('act_on_record', refundOf(payment.id, 60)))).toBe('spend_limit')
    expect(codeOf(await client.call('act_on_record', refundOf(payment.id, 201)))).toBe('spend_limit')
    expect(codeOf(await client.call('act_on_record', refundOf(payment.id)))).toBe('spend_limit')
    expect(approvalIn(await client.call('act_on_record', refundOf(payment.id, 50)))).toMatchObject({ amount: 50 })
  })

  it('is not had without limits', async () => {
    const body = { name: 'x', config: { effects: MONEY, approval: 'confirm' } }
    const made = await desk.api('POST', '/integrated-account/sandbox-stripe/mcp', body)
    expect(made).toMatchObject({ status: 422, body: { code: 'invalid_body', where: '/config/limits' } })
  })
})

describe('deny', () => {
  it('moves nothing, and has no tool for it', async () => {
    const client = await holding({ approval: 'deny' })
    expect((await client.list()).tools.map(({ name }) => name)).not.toContain('confirm_action')
    expect(codeOf(await client.call('create_record', { resource: 'payment-gateway/refunds', body: {} }))).toBeDefined()
    const { id } = next()
    const own = await desk.agent({ effects: MONEY, approval: 'deny' })
    const answer = await desk.api('POST', `/unified/payment-gateway/payments/${id}/refund`, { amount: 100 }, own.token)
    expect(answer.body.code).toBe('forbidden')
  })
})
