import { request } from 'undici'

type Json = Readonly<Record<string, unknown>>

/** What a call came to, and how many bytes of it a model reads and writes. */
export interface Answered {
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  readonly value: any
  readonly bytes: number
}

/** A way to list and call tools; the bytes are those that stand in the context of a model. */
export interface Side {
  /** Bytes of tools/list. */
  list(): Promise<number>
  call(tool: string, args: Json): Promise<Answered>
}

/** One task from a fresh start: the list of tools, then calls. Counts arguments and answers. */
export class Session {
  bytes = 0
  readonly #side: Side

  constructor(side: Side) {
    this.#side = side
  }

  /** Answers the value of a call. */
  async call(tool: string, args: Json): Promise<Answered['value']> {
    const { value, bytes } = await this.#side.call(tool, args)
    this.bytes += bytesOf({ name: tool, arguments: args }) + bytes
    return value
  }

  /** Reads a list to its end; `cursorOf` finds the cursor in an answer. */
  async all(tool: string, args: Json): Promise<void> {
    let cursor: unknown = null
    do {
      const page = await this.call(tool, cursor === null ? args : { ...args, next_cursor: cursor })
      cursor = page.next_cursor ?? null
    } while (cursor !== null)
  }
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** Where a server is, and a token for one of its accounts. */
export interface Address {
  readonly origin: string
  readonly token: string
  readonly accountId: string
  /** A token that may release what was held: the person's part, which is not counted. */
  readonly approver: string
}

/** Releases what was held. */
export async function release(address: Address, id: string): Promise<void> {
  await ask({ ...address, token: address.approver }, 'POST', `/approval/${id}`, { decision: 'release' })
}

async function ask({ origin, token }: Address, verb: string, path: string, body?: unknown): Promise<Json> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/json, text/event-stream',
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'mcp-protocol-version': '2025-11-25' }),
  }
  const options = { method: verb as 'GET', headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  const answer = await request(origin + path, options)
  const text = await answer.body.text()
  const said = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as Json
  if (answer.statusCode >= 300) throw new Error(`${verb} ${path} answered ${answer.statusCode}: ${text.slice(0, 500)}`)
  return said
}

interface Told {
  readonly content: readonly { readonly text: string }[]
  readonly structuredContent?: Json
  readonly isError?: boolean
}

/** This server, in core mode. */
export function ours(address: Address): Side {
  const tell = async (method: string, params: Json): Promise<Json> => {
    const { result, error } = await ask(address, 'POST', '/mcp', { jsonrpc: '2.0', id: 1, method, params })
    if (result === undefined) throw new Error(`${method}: ${JSON.stringify(error)}`)
    return result as Json
  }
  return {
    list: async () => bytesOf({ tools: (await tell('tools/list', {})).tools }),
    call: async (name, args) => {
      const said = (await tell('tools/call', { name, arguments: args })) as unknown as Told
      const text = said.content.map((one) => one.text).join('')
      // A person has to agree to it: that is an answer, too.
      if (said.isError === true && !text.startsWith('approval_required')) throw new Error(`${name}: ${text}`)
      return { value: said.structuredContent, bytes: Buffer.byteLength(text) + bytesOf(said.structuredContent) }
    },
  }
}

interface Tool {
  readonly name: string
  readonly description: string
  readonly query_schema: { readonly properties: Json }
  readonly body_schema?: { readonly properties: Json }
  readonly required: readonly string[]
  readonly call: { readonly verb: string; readonly path: string }
}

/**
 * A server as it is made without thinking: one tool for each operation of the provider, everything described in one
 * sentence, the provider's own page as the answer. Made of the same catalog, and its calls go through the same server.
 */
export async function naive(address: Address): Promise<Side> {
  const { result } = await ask(address, 'GET', `/integrated-account/${address.accountId}/tools`)
  const tools = new Map((result as readonly Tool[]).map((tool) => [tool.name, tool]))
  return {
    list: async () => bytesOf({ tools: [...tools.values()].map(listed) }),
    call: async (name, args) => {
      const tool = tools.get(name)
      if (tool === undefined) throw new Error(`there is no ${name}`)
      const value = await ask(address, ...callOf(tool, args, address.accountId))
      return { value, bytes: bytesOf(value) }
    },
  }
}

const firstSentence = (text: unknown): unknown => (typeof text === 'string' ? text.split(/(?<=\.)\s/, 1)[0] : text)

function listed({ name, description, query_schema: query, body_schema: body, required }: Tool): Json {
  const properties = Object.entries({ ...query.properties, ...body?.properties }).map(([key, schema]) => {
    const { description: told, ...rest } = schema as Json
    return [key, { ...rest, ...(told === undefined ? {} : { description: firstSentence(told) }) }]
  })
  const inputSchema = { type: 'object', properties: Object.fromEntries(properties), required }
  return { name, description: firstSentence(description.replace(/^[^:]+: /, '')), inputSchema }
}

function callOf({ call, body_schema: body }: Tool, args: Json, accountId: string): [string, string, Json?] {
  const path = call.path.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(args[name])))
  const query = new URLSearchParams({ integrated_account_id: accountId })
  const sent: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(args)) {
    if (call.path.includes(`{${name}}`)) continue
    if (body !== undefined && name in body.properties) sent[name] = value
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) query.append(`${name}[${key}]`, String(item))
    else query.append(name, String(value))
  }
  const target = `${path}?${query}`
  return call.verb === 'GET' ? [call.verb, target] : [call.verb, target, sent]
}
