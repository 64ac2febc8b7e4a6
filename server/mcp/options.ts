import { EngineError } from '../../engine/index.ts'

/** What the address of a connection asks for. */
export interface McpOptions {
  /** core: a dozen tools that reach everything; flat: one tool for each native method. */
  readonly mode: 'core' | 'flat'
  /** Flat tools of these tags only; empty is all. */
  readonly tags: readonly string[]
  /** Flat tools of these methods only: read, write, custom, or names; empty is all. */
  readonly methods: readonly string[]
  /** text: the answer stands in the text, for clients that do not read structured content. */
  readonly answers: 'structured' | 'text'
  /** Most bytes of an answer. */
  readonly maxBytes: number
}

const NAMES = ['mode', 'tags', 'methods', 'answers', 'max_bytes']
const DEFAULT_BYTES = 32_000
const [LEAST_BYTES, MOST_BYTES] = [2_000, 200_000]

/** Reads the query of `/mcp`. Throws unknown_parameter or invalid_parameter. */
export function readOptions(query: Iterable<readonly [string, string]>): McpOptions {
  const given = new Map<string, string>()
  for (const [name, value] of query) {
    const where = name.slice(0, 64)
    if (!NAMES.includes(name)) {
      throw new EngineError('unknown_parameter', `\`${where}\` is not a parameter here`, { where, valid: NAMES })
    }
    if (given.has(name)) throw new EngineError('invalid_parameter', `\`${where}\` is given more than once`, { where })
    given.set(name, value)
  }
  return {
    mode: oneOf('mode', given.get('mode') ?? 'core', ['core', 'flat']),
    tags: listOf(given.get('tags')),
    methods: listOf(given.get('methods')),
    answers: oneOf('answers', given.get('answers') ?? 'structured', ['structured', 'text']),
    maxBytes: bytesOf(given.get('max_bytes')),
  }
}

const listOf = (text = ''): string[] => text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))

function oneOf<T extends string>(where: string, value: string, valid: readonly T[]): T {
  const found = valid.find((one) => one === value)
  if (found !== undefined) return found
  throw new EngineError('invalid_parameter', `\`${where}\` is not one of its values`, { where, valid })
}

function bytesOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_BYTES
  const bytes = Number(text)
  if (/^\d+$/.test(text) && bytes >= LEAST_BYTES && bytes <= MOST_BYTES) return bytes
  throw new EngineError('invalid_parameter', `\`max_bytes\`: expected ${LEAST_BYTES} to ${MOST_BYTES}`, {
    where: 'max_bytes',
  })
}

/** Revisions that know no structured content, or a request that names none. */
export const isTextOnly = (revision: string | null | undefined): boolean => (revision ?? '') < '2025-06-18'
