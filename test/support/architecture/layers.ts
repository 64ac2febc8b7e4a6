import { isBuiltin } from 'node:module'
import type { Import, Source } from './source.ts'

/** Says why an import is wrong, or null when it is right. */
type Judge = (path: string, found: Import) => string | null

const SEALED_ROOMS = ['request', 'auth', 'pagination', 'resilience']
const LEAVES = ['engine/ports.ts', 'engine/errors.ts', 'engine/types.ts', 'engine/secret.ts']
const LEAF_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = { 'engine/secret.ts': ['node:util'] }
const DATA_FOLDERS = ['integrations', 'unified-models']
/** What the engine leaves to the adapters of the server: sockets, timers, files of a database, logs, command lines. */
const ADAPTERS_ONLY =
  /^(undici|hono|@hono\/.+|better-sqlite3|pg|kysely|pino|prom-client|commander|node:(http|https|http2|net|tls|dgram|dns|timers|child_process|cluster)(\/.*)?)$/

const roomOf = (path: string): string => /^engine\/([^/]+)\//.exec(path)?.[1] ?? ''
const topOf = (path: string): string => path.split('/')[0] ?? ''

const serverUsesTheIndex: Judge = (path, { target }) => {
  if (topOf(path) !== 'server' || target === null || topOf(target) !== 'engine') return null
  return target === 'engine/index.ts' ? null : 'server imports only engine/index.ts of the engine'
}

const engineStandsAlone: Judge = (path, { target }) => {
  if (topOf(path) !== 'engine' || target === null || topOf(target) === 'engine') return null
  return 'engine imports nothing outside engine/'
}

const serverNeedsNoTests: Judge = (path, { target }) =>
  topOf(path) === 'server' && target !== null && !['engine', 'server'].includes(topOf(target))
    ? 'server imports only server/ and engine/index.ts'
    : null

const dataIsLoadedByPath: Judge = (_path, { target }) =>
  target !== null && DATA_FOLDERS.includes(topOf(target))
    ? 'integrations and unified-models are imported by nobody'
    : null

const sealedRooms: Judge = (path, { target }) => {
  const [from, to] = [roomOf(path), roomOf(target ?? '')]
  if (!SEALED_ROOMS.includes(from) || !SEALED_ROOMS.includes(to) || from === to) return null
  return 'request, auth, pagination and resilience never import each other'
}

const leavesImportNothing: Judge = (path, { specifier, target, isTypeOnly }) => {
  if (!LEAVES.includes(path) || LEAF_MAY_IMPORT[path]?.includes(specifier)) return null
  if (isTypeOnly && target !== null && LEAVES.includes(target)) return null
  return `a leaf imports nothing at run time, and types only from ${LEAVES.join(', ')}`
}

const adaptersLiveInServer: Judge = (path, { specifier }) => {
  const name = isBuiltin(specifier) && !specifier.startsWith('node:') ? `node:${specifier}` : specifier
  return topOf(path) === 'engine' && ADAPTERS_ONLY.test(name) ? 'engine reaches the outside through ports only' : null
}

const oneRoomKnowsJsonata: Judge = (path, { specifier }) =>
  ['engine', 'server'].includes(topOf(path)) && specifier.startsWith('jsonata') && roomOf(path) !== 'expression'
    ? 'only engine/expression knows JSONata'
    : null

const timeBelongsToExecute: Judge = (path, { target, names }) => {
  if (topOf(path) !== 'engine' || target !== 'engine/ports.ts') return null
  if (['execute', 'sync', ''].includes(roomOf(path)) || !names.some((name) => ['Transport', 'Clock'].includes(name)))
    return null
  return 'only execute and sync touch time or the network (Transport, Clock)'
}

/** The import rules by name; each is one test. */
export const LAYER_RULES = {
  'server imports the engine by its index only': serverUsesTheIndex,
  'the engine imports nothing outside itself': engineStandsAlone,
  'the server imports nothing but itself and the engine': serverNeedsNoTests,
  'provider and model folders are imported by nobody': dataIsLoadedByPath,
  'request, auth, pagination and resilience never import each other': sealedRooms,
  'ports, errors, types and secret import nothing': leavesImportNothing,
  'the engine has no sockets, timers, drivers or loggers': adaptersLiveInServer,
  'only the expression room knows JSONata': oneRoomKnowsJsonata,
  'only execute and sync are given time and network': timeBelongsToExecute,
} as const satisfies Record<string, Judge>

/** Breaches of one import rule, each as `file:line: imports X: why`. */
export const layerBreaches = (sources: readonly Source[], judge: Judge): string[] =>
  sources.flatMap(({ path, imports }) =>
    imports.flatMap((found) => {
      const why = judge(path, found)
      return why === null ? [] : [`${path}:${found.line}: imports ${found.specifier}: ${why}`]
    }),
  )

/** Import cycles (types count too), each as `a.ts -> b.ts -> a.ts`. Tarjan's strongly connected components. */
export function cycles(sources: readonly Source[]): string[] {
  const edges = new Map(sources.map(({ path, imports }) => [path, imports.map(({ target }) => target ?? '')]))
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[] = []

  const visit = (path: string): void => {
    order.set(path, order.size)
    low.set(path, order.size - 1)
    stack.push(path)
    for (const next of edges.get(path) ?? []) {
      if (!edges.has(next)) continue
      if (!order.has(next)) visit(next)
      if (stack.includes(next)) low.set(path, Math.min(low.get(path) ?? 0, low.get(next) ?? 0))
    }
    if (low.get(path) !== order.get(path)) return
    const members = stack.splice(stack.indexOf(path))
    if (members.length > 1 || edges.get(path)?.includes(path)) found.push([...members, path].join(' -> '))
  }

  for (const path of edges.keys()) if (!order.has(path)) visit(path)
  return found
}
