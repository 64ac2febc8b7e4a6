import type { Bench, Figure, Rig } from './harness/bench.ts'
import { mcp, mcpCall } from './harness/goals.ts'
import { install } from './harness/installation.ts'
import { Driver, type Target } from './harness/load.ts'
import { Closing, servedCpu, startProcess, startUpstream } from './harness/rig.ts'
import { connect, startServer } from './harness/server.ts'

const LANES = 4
const RECORDS = 10
const LEAST_TOOLS = 100
const REVISION = '2026-07-28'
const META = 'io.modelcontextprotocol'

interface Listed {
  readonly name: string
}

interface Message {
  readonly result: {
    readonly tools?: readonly Listed[]
    readonly structuredContent?: { readonly result: readonly unknown[] }
  }
}

/** A request of the current protocol revision, whose answer is one JSON message. */
function messageTo(origin: string, path: string, token: string, method: string, params: object): Target {
  const _meta = {
    [`${META}/protocolVersion`]: REVISION,
    [`${META}/clientInfo`]: { name: 'bench', version: '1' },
    [`${META}/clientCapabilities`]: {},
  }
  const name = 'name' in params ? { 'mcp-name': String(params.name) } : {}
  return {
    origin,
    path,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': REVISION,
      'mcp-method': method,
      ...name,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }),
  }
}

const resultOf = (text: string): Message['result'] => (JSON.parse(text) as Message).result

function toolsOf(text: string): readonly Listed[] {
  const { tools = [] } = resultOf(text)
  if (tools.length < LEAST_TOOLS) throw new Error(`expected ${LEAST_TOOLS} tools and more, got ${tools.length}`)
  return tools
}

function checkPage(text: string): void {
  const { structuredContent } = resultOf(text)
  if (structuredContent?.result.length !== RECORDS)
    throw new Error(`expected ${RECORDS} records: ${text.slice(0, 500)}`)
}

/** `resource` of the native list that is called, found among the tools by its name. */
function served(name: string, figure: Figure, isCall: boolean, resource: string): Bench {
  const open = (): Promise<Rig> => {
    const closing = new Closing()
    const drive = (target: Target): Driver => closing.add(new Driver(target, LANES), (driver) => driver.close())
    return closing.guard(async () => {
      const upstream = await startUpstream(closing)
      const installation = closing.add(install({ openLimits: true }), (one) => one.remove())
      const server = closing.add(await startServer(installation), (one) => one.close())
      const { token } = await connect(server, upstream.origin)
      const path = '/mcp?mode=flat&max_bytes=200000'
      const list = drive(messageTo(server.origin, path, token, 'tools/list', {}))
      const tools = toolsOf(await list.once())
      const tool = tools.find((one) => one.name.startsWith('list_all_') && one.name.endsWith(resource))?.name
      const call = { name: tool, arguments: { limit: RECORDS } }
      const subject = isCall ? drive(messageTo(server.origin, path, token, 'tools/call', call)) : list
      if (isCall) checkPage(await subject.once())
      const [target] = isCall ? await upstream.targetsOf(() => subject.once()) : ['/']
      const bare = startProcess(closing, 'mcp-floor')
      const origin = await bare.ask<string>('listen', {
        ...{ tools, origin: upstream.origin, target },
        records: RECORDS,
      })
      const [method, params] = isCall ? ['tools/call', call] : ['tools/list', {}]
      const floor = drive(messageTo(origin, '/', token, String(method), params as object))
      if (isCall) checkPage(await floor.once())
      else if (toolsOf(await floor.once()).length !== tools.length) throw new Error('the floor lists other tools')
      return {
        note: `${tools.length} tools, ${Math.round((await list.once()).length / 1024)} KB`,
        subject: async ({ roundMs }) => ({ cpu: await servedCpu(server.child, subject, roundMs, LANES) }),
        floor: async ({ roundMs }) => ({ cpu: await servedCpu(bare, floor, roundMs, LANES) }),
        close: () => closing.close(),
      }
    })
  }
  return { name, isWarmed: true, figures: [figure], open }
}

/** Lists and calls of tools through the real server against the SDK alone. */
export const mcpBenches: readonly Bench[] = [
  served('mcp-list', mcp('tools/list in flat mode'), false, 'payment_intents'),
  served('mcp-call', mcpCall(`a native list of ${RECORDS}`), true, 'payment_intents'),
]
