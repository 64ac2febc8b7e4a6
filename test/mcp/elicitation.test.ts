import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as Client2025 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as StdioTransport2025 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAIN, plainEnvironment } from '../support/served.ts'
import { type Desk, openDesk, type Refundable, refundOf } from './agents.ts'

type Reply = { action: 'accept' | 'decline' | 'cancel'; content?: Record<string, boolean> }
// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
type Call = (args: Record<string, unknown>) => Promise<any>

const YES: Reply = { action: 'accept', content: { approve: true } }
const MONEY = ['read', 'write', 'money']

let desk: Desk
let payments: Refundable[]
const closers: (() => Promise<void>)[] = []
beforeAll(async () => {
  desk = await openDesk()
  payments = [...(await desk.refundable(12))]
}, 60_000)
afterAll(async () => {
  for (const close of closers) await close()
  await desk.close()
})

const next = (): Refundable => payments.shift() as Refundable
const limitsOf = ({ currency }: Refundable) => [{ currency, per_call: 300, per_day: 1_000 }]

/** The client of today over HTTP, whose person gives this answer; `asked` gets each question. */
async function today(token: string, answer: Reply | (() => Promise<Reply>), asked: string[]): Promise<Call> {
  const client = new Client(
    { name: 'tests', version: '1' },
    { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode: 'auto' } },
  )
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked.push(params.message)
    return typeof answer === 'function' ? answer() : answer
  })
  await client.connect(
    new StreamableHTTPClientTransport(new URL(desk.mcp), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  )
  closers.push(() => client.close())
  return (args) => client.callTool({ name: 'act_on_record', arguments: args })
}

/** The client of 2025 over stdio. */
async function of2025(token: string, answer: Reply, asked: string[]): Promise<Call> {
  const client = new Client2025({ name: 'tests', version: '1' }, { capabilities: { elicitation: {} } })
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params.message)
    return answer
  })
  await client.connect(
    new StdioTransport2025({
      command: process.execPath,
      args: [MAIN, 'mcp', '--url', desk.mcp],
      env: plainEnvironment({ ONEFOLD_TOKEN: token }),
    }),
  )
  closers.push(() => client.close())
  return (args) => client.callTool({ name: 'act_on_record', arguments: args })
}

describe.each([
  ['the client of today over HTTP', today],
  ['the client of 2025 over stdio', of2025],
] as const)('%s', (_name, connect) => {
  it('asks its person, and the refund is made once', async () => {
    const payment = next()
    const asked: string[] = []
    const { id, token } = await desk.agent({ effects: MONEY, limits: limitsOf(payment) })
    const call = await connect(token, YES, asked)
    const before = await desk.refunds()
    const done = await call(refundOf(payment.id, 250))
    expect(done.structuredContent.result).toMatchObject({ object: 'refund', amount: 250, currency: payment.currency })
    expect(asked).toEqual([expect.stringContaining(`refund payments of 2.50 ${payment.currency}`)])
    expect(await desk.refunds()).toBe(before + 1)
    const [released] = await desk.acts('action=approval.release')
    expect(released).toMatchObject({ outcome: 'succeeded', details: { by: `elicitation:${id}`, amount: 250 } })
  })

  it.each([
    ['declines', { action: 'decline' }, 'approval_refused'],
    ['does not tick the box', { action: 'accept', content: { approve: false } }, 'approval_refused'],
  ] as const)('its person %s, and nothing is sent', async (_what, answer, code) => {
    const payment = next()
    const { token } = await desk.agent({ effects: MONEY, limits: limitsOf(payment) })
    const call = await connect(token, answer, [])
    const before = await desk.refunds()
    expect((await call(refundOf(payment.id, 100))).structuredContent.error.code).toBe(code)
    expect(await desk.refunds()).toBe(before)
  })
})

it('a yes counts also when somebody else has released it while the form was open', async () => {
  const payment = next()
  const { token } = await desk.agent({ effects: MONEY, limits: limitsOf(payment) })
  const approver = await desk.approver()
  const releaseFirst = async (): Promise<Reply> => {
    const [{ id }] = (await desk.api('GET', '/approval?state=pending&limit=1', undefined, approver)).body.result
    const released = await desk.api('POST', `/approval/${id}`, { decision: 'release' }, approver)
    expect(released.status).toBe(200)
    return YES
  }
  const call = await today(token, releaseFirst, [])
  const done = await call(refundOf(payment.id, 100))
  expect(done.structuredContent.result).toMatchObject({ object: 'refund', amount: 100 })
})

describe('a client that answers for its person', () => {
  it.each([
    ['without limits', () => ({})],
    ['with elicitation switched off', (payment: Refundable) => ({ limits: limitsOf(payment), elicitation: false })],
  ] as const)('is not asked %s', async (_what, config) => {
    const payment = next()
    const asked: string[] = []
    const { token } = await desk.agent({ effects: MONEY, ...config(payment) })
    const call = await today(token, YES, asked)
    const answer = await call(refundOf(payment.id, 100))
    expect(answer.structuredContent.error).toMatchObject({ code: 'approval_required', approval: { state: 'pending' } })
    expect(asked).toEqual([])
  })

  it('stays under the limits', async () => {
    const payment = next()
    const { token } = await desk.agent({ effects: MONEY, limits: limitsOf(payment) })
    const call = await today(token, YES, [])
    expect((await call(refundOf(payment.id, 301))).structuredContent.error.code).toBe('spend_limit')
  })

  it('cannot use an answer for another call, or one that nobody asked for', async () => {
    const payment = next()
    const { token } = await desk.agent({ effects: MONEY, limits: limitsOf(payment) })
    const raw = async (args: object, more: object = {}) => {
      const response = await fetch(desk.mcp, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'tools/call',
          'mcp-name': 'act_on_record',
        },
        body: JSON.stringify({
          ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
          params: {
            ...{ name: 'act_on_record', arguments: args, ...more },
            _meta: {
              'io.modelcontextprotocol/protocolVersion': '2026-07-28',
              'io.modelcontextprotocol/clientInfo': { name: 'tests', version: '1' },
              'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
            },
          },
        }),
      })
      const text = await response.text()
      // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
      return JSON.parse(text.startsWith('{') ? text : (text.split('data: ')[1] ?? '')) as any
    }
    const before = await desk.refunds()
    const first = (await raw(refundOf(payment.id, 100))).result
    expect(first).toMatchObject({ resultType: 'input_required', requestState: expect.any(String) })
    const yes = { inputResponses: { approval: YES }, requestState: first.requestState }
    const altered = await raw(refundOf(payment.id, 200), yes)
    expect(altered.result.structuredContent.error.code).toBe('approval_stale')
    const other = await raw(refundOf(next().id, 100), yes)
    expect(other.result.structuredContent.error.code).toBe('approval_stale')
    const forged = await raw(refundOf(payment.id, 100), {
      ...yes,
      requestState: `${first.requestState.slice(0, -2)}AA`,
    })
    expect(forged.result.structuredContent.error.code).toBe('invalid_parameter')
    expect(await desk.refunds()).toBe(before)
    const done = await raw(refundOf(payment.id, 100), yes)
    expect(done.result.structuredContent.result).toMatchObject({ amount: 100 })
    const again = await raw(refundOf(payment.id, 100), yes)
    expect(again.result.structuredContent.error.code).toBe('approval_over')
    expect(await desk.refunds()).toBe(before + 1)
  })
})
