import {
  acceptedContent,
  type InputRequiredResult,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server'
import { EngineError, type JsonRecord } from '../../engine/index.ts'
import type { CallContext } from '../api/context.ts'
import { asEngineError, toProblem } from '../api/problem.ts'
import { auditReading } from './audit.ts'
import { complete } from './completion.ts'
import type { Arguments, LibraryMethod, Round } from './contract.ts'
import { type Given, PROMPTS, type Prompt, promptListed, promptText } from './prompts.ts'
import { canAsk } from './protocol.ts'
import { listResources, reachedResources, readResource, TEMPLATES } from './resources.ts'
import { textOf } from './values.ts'

const MOST_LETTERS = 512

/** What shows something to somebody is audited; lists and completions tell what there is. */
const AUDITED: readonly LibraryMethod[] = ['resources/read', 'prompts/get']

/** Answers a request for resources, prompts or completion within the reach of the caller. Rejects with ProtocolError. */
export async function consultLibrary(
  context: CallContext,
  method: LibraryMethod,
  params: Arguments,
  asked: Asked,
): Promise<Answer> {
  try {
    return await audited(context, method, params, () => HANDLERS[method](context, params, asked))
  } catch (thrown) {
    if (thrown instanceof ProtocolError) throw thrown
    const error = asEngineError(thrown)
    const { detail, hint } = { detail: error.message, hint: error.details.hint }
    const code = error.status < 500 ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError
    throw new ProtocolError(code, [detail, hint].filter(Boolean).join('. '), toProblem(error, context.requestId))
  }
}

async function audited<T>(
  context: CallContext,
  method: LibraryMethod,
  params: Arguments,
  read: () => T | Promise<T>,
): Promise<T> {
  if (!AUDITED.includes(method)) return read()
  let answer: T
  try {
    answer = await read()
  } catch (thrown) {
    const code = thrown instanceof ProtocolError ? 'not_found' : asEngineError(thrown).code
    await auditReading(context, method, params, code)
    throw thrown
  }
  await auditReading(context, method, params, null)
  return answer
}

type Answer = JsonRecord | InputRequiredResult

/** How an answer is given, and what came with the request. */
interface Asked {
  readonly maxBytes: number
  readonly round: Round
}

type Handler = (context: CallContext, params: Arguments, asked: Asked) => Answer | Promise<Answer>

const HANDLERS: Readonly<Record<LibraryMethod, Handler>> = {
  'resources/list': (context, { cursor }) => listResources(context, cursor),
  'resources/templates/list': () => ({ resourceTemplates: TEMPLATES }),
  'resources/read': (context, params, { maxBytes }) => readResource(context, textOf(params, 'uri') ?? '', maxBytes),
  'prompts/list': (context) => ({ prompts: reachedPrompts(context).map(promptListed) }),
  'prompts/get': (context, params, { round }) => getPrompt(context, params, round),
  'completion/complete': complete,
}

function reachedPrompts(context: CallContext): Prompt[] {
  const names = new Set(reachedResources(context).map(({ model, name }) => `${model}/${name}`))
  return PROMPTS.filter(({ needs }) => needs.every((one) => names.has(one)))
}

function getPrompt(context: CallContext, params: Arguments, round: Round): Answer {
  const prompts = reachedPrompts(context)
  const prompt = prompts.find(({ name }) => name === textOf(params, 'name'))
  if (prompt === undefined) {
    const valid = prompts.map(({ name }) => name)
    throw new EngineError('not_found', 'There is no such prompt', { where: 'name', valid })
  }
  const filled = { ...answered(prompt, round), ...((params.arguments ?? {}) as Arguments) }
  const question = askMissing(prompt, filled, round)
  if (question !== undefined) return question
  const given = givenOf(prompt, filled)
  const text = promptText(prompt, given)
  return { description: prompt.description, messages: [{ role: 'user', content: { type: 'text', text } }] }
}

const KEY = 'arguments'

/** What the person filled in when it was asked for before. */
function answered({ arguments: known }: Prompt, { responses }: Round): Arguments {
  const content = acceptedContent(responses, KEY) ?? {}
  return Object.fromEntries(known.flatMap(({ name }) => (Object.hasOwn(content, name) ? [[name, content[name]]] : [])))
}

/** Asks the person for arguments that are missing, once, where the client can; undefined otherwise. */
function askMissing(
  { title, arguments: known }: Prompt,
  args: Arguments,
  round: Round,
): InputRequiredResult | undefined {
  const missing = known.filter(({ name, required }) => required === true && (textOf(args, name) ?? '').trim() === '')
  if (missing.length === 0 || round.responses !== undefined || !canAsk(round)) return undefined
  const fields = missing.map(({ name, description }) => [name, { type: 'string' as const, description }])
  const requestedSchema = {
    type: 'object' as const,
    properties: Object.fromEntries(fields),
    required: missing.map(({ name }) => name),
  }
  return inputRequired({ inputRequests: { [KEY]: inputRequired.elicit({ message: title, requestedSchema }) } })
}

/** The arguments by name, those left empty taken as not given. */
function givenOf({ arguments: known }: Prompt, args: Arguments): Given {
  const valid = known.map(({ name }) => name)
  const wrong = Object.keys(args).find((name) => !valid.includes(name))
  const given = Object.fromEntries(
    valid.flatMap((name) => {
      const value = textOf(args, name)?.trim()
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
  const long = valid.find((name) => (given[name] ?? '').length > MOST_LETTERS)
  const missing = known.filter(({ name, required }) => required === true && given[name] === undefined)
  if (wrong === undefined && long === undefined && missing.length === 0) return given
  const where = wrong?.slice(0, 64) ?? long ?? missing[0]?.name ?? ''
  const what = wrong !== undefined ? 'is no argument' : long !== undefined ? 'is too long' : 'is missing'
  throw new EngineError('invalid_parameter', `\`${where}\` ${what} of the prompt`, { where, valid })
}
