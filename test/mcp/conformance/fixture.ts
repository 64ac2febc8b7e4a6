import {
  type CallToolResult,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  acceptedContent as taken,
} from '@modelcontextprotocol/server'
import type { JsonRecord } from '../../../engine/index.ts'
import type { Arguments, LibraryMethod, Round, Toolbox } from '../../../server/mcp/contract.ts'
import { FIXTURE_PROMPTS, FIXTURE_RESOURCES, FIXTURE_TEMPLATES, PIXEL, SOUND } from './fixture-data.ts'

type Answer = CallToolResult | InputRequiredResult
type Run = (args: Arguments, round: Round) => Answer | Promise<Answer>

const states = createRequestStateCodec<Readonly<Record<string, unknown>>>({ key: new Uint8Array(32).fill(7) })

const text = (said: string): CallToolResult => ({ content: [{ type: 'text', text: said }] })

const form = (name: string, type: 'string' | 'boolean') =>
  inputRequired.elicit({
    message: `Give ${name}.`,
    requestedSchema: {
      type: 'object',
      properties: { [name]: type === 'string' ? { type: 'string' as const } : { type: 'boolean' as const } },
      required: [name],
    },
  })
const sample = (prompt: string) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens: 50 })

/** What a person filled in, or undefined. */
const filled = <T>({ responses }: Round, key: string, field: string): T | undefined =>
  taken(responses, key)?.[field] as T | undefined

async function stateOf({ state }: Round): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (state === undefined) return undefined
  try {
    return await states.verify(state, undefined as never)
  } catch {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'The state was changed on its way')
  }
}

const TOOLS: Readonly<Record<string, Run>> = {
  test_simple_text: () => text('This is a simple text response for testing.'),
  test_image_content: () => ({ content: [{ type: 'image', data: PIXEL, mimeType: 'image/png' }] }),
  test_audio_content: () => ({ content: [{ type: 'audio', data: SOUND, mimeType: 'audio/wav' }] }),
  test_embedded_resource: () => ({
    content: [
      { type: 'resource', resource: { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'Text.' } },
    ],
  }),
  test_multiple_content_types: () => ({
    content: [
      { type: 'text', text: 'Several kinds:' },
      { type: 'image', data: PIXEL, mimeType: 'image/png' },
      { type: 'resource', resource: { uri: 'test://mixed', mimeType: 'application/json', text: '{"test":"data"}' } },
    ],
  }),
  test_error_handling: () => ({ ...text('This tool intentionally returns an error for testing'), isError: true }),
  json_schema_2020_12_tool: () => text('ok'),
  test_missing_capability: () => inputRequired({ inputRequests: { answer: sample('Say pong') } }),
  test_streaming_elicitation: () => text('only the result'),
  test_logging_tool: () => text('nothing is logged to the client'),
  test_input_required_result_elicitation: (_args, round) => {
    const name = filled<string>(round, 'user_name', 'name')
    if (typeof name !== 'string') return inputRequired({ inputRequests: { user_name: form('name', 'string') } })
    return text(`Hello, ${name}!`)
  },
  test_input_required_result_sampling: (_args, { responses }) => {
    const said = responses?.capital_question as { content?: { text?: string } } | undefined
    if (said === undefined) return inputRequired({ inputRequests: { capital_question: sample('Capital of France?') } })
    return text(`The model said: ${said.content?.text}`)
  },
  test_input_required_result_list_roots: (_args, { responses }) => {
    const given = responses?.client_roots as { roots?: readonly unknown[] } | undefined
    if (!Array.isArray(given?.roots))
      return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
    return text(JSON.stringify(given.roots))
  },
  test_input_required_result_request_state: async (_args, round) => {
    const state = await stateOf(round)
    if (state !== undefined && filled(round, 'confirm', 'ok') !== undefined) return text('state-ok')
    const requestState = await states.mint({ tool: 'request_state' })
    return inputRequired({ inputRequests: { confirm: form('ok', 'boolean') }, requestState })
  },
  test_input_required_result_tampered_state: async (_args, round) => {
    const state = await stateOf(round)
    if (state !== undefined && filled(round, 'confirm', 'ok') !== undefined) return text('integrity-ok')
    const requestState = await states.mint({ tool: 'tampered_state' })
    return inputRequired({ inputRequests: { confirm: form('ok', 'boolean') }, requestState })
  },
  test_input_required_result_multiple_inputs: async (_args, round) => {
    await stateOf(round)
    const { responses = {} } = round
    if (['user_name', 'greeting', 'client_roots'].every((key) => key in responses)) return text('all there')
    const inputRequests = {
      user_name: form('name', 'string'),
      greeting: sample('Greet'),
      client_roots: inputRequired.listRoots(),
    }
    return inputRequired({ inputRequests, requestState: await states.mint({ tool: 'multiple_inputs' }) })
  },
  test_input_required_result_multi_round: async (_args, round) => {
    const state = await stateOf(round)
    const at = typeof state?.round === 'number' ? state.round : 0
    if (at === 2) return text(`${String(state?.name)} likes ${filled<string>(round, 'step2', 'color')}`)
    const name = filled<string>(round, 'step1', 'name')
    const asked = at === 0 ? { step1: form('name', 'string') } : { step2: form('color', 'string') }
    return inputRequired({ inputRequests: asked, requestState: await states.mint({ round: at + 1, name }) })
  },
  test_input_required_result_capabilities: (_args, { abilities, responses }) => {
    if (responses !== undefined) return text('answered')
    if (abilities.elicitation !== undefined) {
      return inputRequired({ inputRequests: { user_name: form('name', 'string') } })
    }
    if (abilities.sampling === undefined) return text('nothing to ask for')
    return inputRequired({ inputRequests: { greeting: sample('Greet') } })
  },
  test_tool_with_progress: (_args, { report }) => {
    for (const done of [0, 50, 100]) report?.(done, undefined, 100)
    return text('done')
  },
}

const SCHEMAS: Readonly<Record<string, JsonRecord>> = {
  json_schema_2020_12_tool: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: {
      address: {
        $anchor: 'addressDef',
        type: 'object',
        properties: { street: { type: 'string' }, city: { type: 'string' } },
      },
    },
    properties: {
      name: { type: 'string' },
      address: { $ref: '#/$defs/address' },
      contactMethod: { type: 'string', enum: ['phone', 'email'] },
      phone: { type: 'string' },
      email: { type: 'string' },
    },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { required: ['phone'] },
    else: { required: ['email'] },
    additionalProperties: false,
  },
}

const missing = (what: string): ProtocolError =>
  new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no ${what}`)

function unknownTool(name: string): never {
  throw missing(`tool ${name}`)
}

const ASKING = { name: 'test_input_required_result_prompt', description: 'Asks its person.' }

function askingPrompt(round: Round): JsonRecord | InputRequiredResult {
  const said = filled<string>(round, 'user_context', 'context')
  if (said === undefined) return inputRequired({ inputRequests: { user_context: form('context', 'string') } })
  return { messages: [{ role: 'user', content: { type: 'text', text: `In the context of ${said}.` } }] }
}

function consult(method: LibraryMethod, params: Arguments, round: Round): JsonRecord | InputRequiredResult {
  const { name = '', uri = '' } = params as { name?: string; uri?: string }
  switch (method) {
    case 'resources/list':
      return { resources: FIXTURE_RESOURCES.map(({ listed }) => listed) }
    case 'resources/templates/list':
      return { resourceTemplates: FIXTURE_TEMPLATES.map(({ listed }) => listed) }
    case 'resources/read': {
      const found = [...FIXTURE_RESOURCES, ...FIXTURE_TEMPLATES].find(({ matches }) => matches.test(uri))
      if (found === undefined) throw new ResourceNotFoundError(uri)
      return { contents: [{ uri, ...found.read(uri) }] }
    }
    case 'prompts/list':
      return { prompts: [...FIXTURE_PROMPTS.map(({ listed }) => listed), ASKING] }
    case 'prompts/get': {
      if (name === 'test_input_required_result_prompt') return askingPrompt(round)
      const prompt = FIXTURE_PROMPTS.find(({ listed }) => listed.name === name)
      if (prompt === undefined) throw missing(`prompt ${name}`)
      return { messages: prompt.messages((params.arguments ?? {}) as Record<string, string>) }
    }
    case 'completion/complete':
      return { completion: { values: ['one', 'two'], total: 2, hasMore: false } }
  }
}

/** The tools, resources and prompts that the official suite asks for by name, over the contract of a toolbox. */
export const fixtureToolbox: Toolbox = {
  instructions: 'What the official suite asks for.',
  list: async () =>
    Object.keys(TOOLS).map((name) => ({
      name,
      description: `What the suite asks ${name} for.`,
      inputSchema: { type: 'object' as const, ...SCHEMAS[name] },
    })),
  call: async (name, args, round) => await (TOOLS[name] ?? unknownTool(name))(args, round),
  consult: async (method, params, round) => consult(method, params, round),
}
