import type { Catalog, ModelResource } from '../../engine/index.ts'
import { nativeAct } from '../api/acts.ts'
import type { CallContext } from '../api/context.ts'
import type { Act } from '../api/reach.ts'
import type { TokenEffect } from '../stores/index.ts'
import { reachedIntegrations } from './accounts.ts'
import type { Arguments, Found } from './contract.ts'
import { namedOperations } from './names.ts'
import { descriptionOf } from './native.ts'
import { reaches } from './reach.ts'
import { textOf } from './values.ts'

interface Entry {
  readonly shown: Readonly<Record<string, unknown>>
  readonly act: Act
  /** Null: unified. */
  readonly integration: string | null
  /** Weight by word. */
  readonly words: ReadonlyMap<string, number>
}

const MOST_LETTERS = 160
const [DEFAULT_LIMIT, MOST_WORDS] = [10, 32]
const indexes = new WeakMap<Catalog, readonly Entry[]>()

/** Finds tools by words: unified methods first where they are as good, then native ones of the providers reached. */
export async function searchTools(context: CallContext, args: Arguments): Promise<Found> {
  const catalog = context.services.engine.catalog()
  const { token } = context.caller
  const reached = await reachedIntegrations(context, textOf(args, 'integrated_account_id'))
  const wanted = meantBy(textOf(args, 'query') ?? '')
  const limit = typeof args.limit === 'number' ? args.limit : DEFAULT_LIMIT
  const hits = indexOf(catalog).flatMap((entry) => {
    if (!reaches(token, entry.act) || (entry.integration !== null && !reached.has(entry.integration))) return []
    const score = wanted.reduce((sum, word) => sum + (entry.words.get(word) ?? 0), 0)
    return score > 0 ? [{ entry, score: entry.integration === null ? score * 1.2 : score }] : []
  })
  hits.sort((one, other) => other.score - one.score)
  const result = hits.slice(0, limit).map(({ entry }) => entry.shown)
  const hint = hits.length > result.length ? { hint: `${hits.length - result.length} more fit; add words.` } : {}
  return { result, rest: { found: hits.length, ...hint }, isFromOutside: false }
}

function indexOf(catalog: Catalog): readonly Entry[] {
  const made = indexes.get(catalog) ?? [...unifiedEntries(catalog), ...nativeEntries(catalog)]
  indexes.set(catalog, made)
  return made
}

function unifiedEntries(catalog: Catalog): Entry[] {
  const resources = [...catalog.models.values()].flatMap((model) => [...model.resources.values()])
  return resources.flatMap((resource) => methodsOf(resource).map((method) => unifiedEntry(resource, method)))
}

interface Method {
  readonly name: string
  readonly effect: TokenEffect
  readonly description: string
  readonly tool: string
}

/** Every method of a unified resource and the tool that calls it. */
function methodsOf({ writes, methods, description }: ModelResource): Method[] {
  return [
    { name: 'list', effect: 'read', description, tool: 'list_records' },
    { name: 'get', effect: 'read', description, tool: 'get_record' },
    ...writes.map((name): Method => ({ name, effect: 'write', description, tool: `${name}_record` })),
    ...[...methods.values()].map(
      ({ name, effect, description: own }): Method => ({ name, effect, description: own, tool: 'act_on_record' }),
    ),
  ]
}

function unifiedEntry({ model, name: resource }: ModelResource, { name, effect, description, tool }: Method): Entry {
  const path = `${model}/${resource}`
  return {
    shown: { name: `${path}/${name}`, kind: 'unified', does: firstSentence(description), effect, call_with: tool },
    act: { effect, method: name, resources: [resource, path] },
    integration: null,
    words: weigh([name, 4], [resource, 3], [model, 1], [description, 1]),
  }
}

function nativeEntries(catalog: Catalog): Entry[] {
  return [...namedOperations(catalog).values()].map(({ name, integration, operation }) => {
    const definition = catalog.integrations.get(integration)
    const description = definition === undefined ? '' : descriptionOf(definition, operation)
    const { effect, resource, name: method, tags } = operation
    return {
      shown: { name, kind: 'native', does: firstSentence(description), effect, call_with: 'call_tool' },
      act: nativeAct(definition, operation, 'native'),
      integration,
      words: weigh([method, 4], [resource, 3], [tags.join(' '), 2], [integration, 1], [description, 1]),
    }
  })
}

/** The first sentence, or as much of it as is short. */
export function firstSentence(text: string): string {
  const [first = ''] = text.split(/(?<=\.)\s/, 1)
  return first.length > MOST_LETTERS ? `${first.slice(0, MOST_LETTERS - 1)}…` : first
}

const SMALL = new Set(
  'a an the by of for to in on with and or this that my me it is what which how can why all'.split(' '),
)
/** What people say of the standard methods. */
const MEANT: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(['find', 'search', 'look', 'show'].map((word) => [word, ['list', 'get']])),
  ...Object.fromEntries(['read', 'fetch', 'open'].map((word) => [word, ['get']])),
  ...Object.fromEntries(['add', 'make', 'new'].map((word) => [word, ['create']])),
  ...Object.fromEntries(['change', 'edit', 'set'].map((word) => [word, ['update']])),
  remove: ['delete'],
}

function meantBy(query: string): string[] {
  const words = wordsOf(query).filter((word) => !SMALL.has(word))
  const meant = words.flatMap((word) => [word, ...(Object.hasOwn(MEANT, word) ? (MEANT[word] ?? []) : [])])
  return [...new Set(meant)].slice(0, MOST_WORDS)
}

/** Words in lower case without the ending of plurals. */
const wordsOf = (text: string): string[] =>
  (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.replace(/(?<=..)s$/, ''))

function weigh(...parts: readonly (readonly [text: string, weight: number])[]): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const [text, weight] of parts) {
    for (const word of new Set(wordsOf(text))) weights.set(word, (weights.get(word) ?? 0) + weight)
  }
  return weights
}
