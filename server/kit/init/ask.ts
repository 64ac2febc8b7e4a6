import { createInterface } from 'node:readline/promises'
import { compileCatalog, EngineError, type Model, type ModelResource } from '../../../engine/index.ts'
import { readDefinitions } from '../../definitions.ts'
import { builtInFolder } from '../../load-definitions.ts'
import { type Answers, AUTH_KINDS } from './answers.ts'

/** What is known before anything is asked. */
export interface Given {
  readonly label?: string
  readonly baseUrl?: string
  readonly auth?: string
  readonly resource?: string
  readonly model?: string
  readonly unified?: string
}

/** Where questions go and answers come from. */
export interface Dialogue {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream
}

async function models(): Promise<ReadonlyMap<string, Model>> {
  const files = await readDefinitions([{ path: builtInFolder() }])
  const { catalog } = compileCatalog(files.filter(({ path }) => path.startsWith('unified-models/')))
  return catalog?.models ?? new Map()
}

/** One question: what was given is taken, a terminal is asked, and without one the default holds or the flag is wanted. */
type Ask = (flag: string, given: string | undefined, question: string, byDefault?: string) => Promise<string>

/**
 * All that a new provider is made of: what is given, else what is asked for, else what usually holds. Throws EngineError
 * invalid_request with the flag that is missing or wrong.
 */
export async function askFor(name: string, options: Given, io: Dialogue | null): Promise<Answers> {
  const known = await models()
  return withAsking(io, async (ask) => {
    const label = await ask(
      '--label',
      options.label,
      'Name as people write it',
      `${name[0]?.toUpperCase()}${name.slice(1)}`,
    )
    const baseUrl = urlOf(await ask('--base-url', options.baseUrl, 'Address of the API'))
    const auth = choice(
      '--auth',
      await ask('--auth', options.auth, `Auth, one of ${AUTH_KINDS.join(', ')}`, 'bearer'),
      AUTH_KINDS,
    )
    const resource = slugOf(await ask('--resource', options.resource, 'First native resource', 'customers'))
    const model = known.get(
      choice('--model', await ask('--model', options.model, 'Unified model', 'payment-gateway'), [...known.keys()]),
    )
    const resources: ReadonlyMap<string, ModelResource> = model?.resources ?? new Map()
    const same = resources.has(resource) ? resource : undefined
    const unified = await ask(
      '--unified',
      options.unified ?? same,
      `Unified resource, one of ${[...resources.keys()].join(', ')}`,
    )
    const target = resources.get(choice('--unified', unified, [...resources.keys()]))
    if (target === undefined) throw new EngineError('internal', 'The models cannot be read')
    return { name, label, baseUrl, auth, resource, target }
  })
}

async function withAsking<T>(io: Dialogue | null, work: (ask: Ask) => Promise<T>): Promise<T> {
  const lines = io === null ? undefined : createInterface(io)
  const gone = new AbortController()
  lines?.once('close', () => gone.abort())
  // Whoever leaves in the middle has answered nothing.
  const read = (text: string): Promise<string | undefined> =>
    lines?.question(text, { signal: gone.signal }).catch(() => undefined) ?? Promise.resolve(undefined)
  const ask: Ask = async (flag, given, question, byDefault) => {
    if (given !== undefined) return given
    const answer = (await read(`${question}${byDefault === undefined ? '' : ` (${byDefault})`}: `))?.trim()
    const value = answer === undefined || answer === '' ? byDefault : answer
    if (value !== undefined) return value
    throw new EngineError('invalid_request', `${flag} is missing`, { where: flag, hint: `${question}.` })
  }
  try {
    return await work(ask)
  } finally {
    lines?.close()
  }
}

function choice<const T extends string>(flag: string, value: string, valid: readonly T[]): T {
  const found = valid.find((each) => each === value)
  if (found !== undefined) return found
  throw new EngineError('invalid_request', `${flag}: '${value}' is not there`, {
    where: flag,
    valid,
    hint: `Give one of ${valid.join(', ')}.`,
  })
}

function urlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '')
    return text.replace(/\/+$/, '')
  const hint = 'Write https://api.acme.test, with a base path where the API has one.'
  throw new EngineError('invalid_request', `--base-url: '${text}' is no http or https URL`, {
    where: '--base-url',
    hint,
  })
}

function slugOf(text: string): string {
  if (/^[a-z][a-z0-9_]*$/.test(text)) return text
  throw new EngineError('invalid_request', `--resource: '${text}' is no name`, {
    where: '--resource',
    hint: 'Small letters, digits and `_`, a letter first.',
  })
}
