import type { WireRequest, WireResponse } from '../ports.ts'
import type { Case } from '../schema/generated.ts'
import { differences } from './compare.ts'

/** A request as a case writes it. */
export type Expected = Case['exchanges'][number]['request']
type Answer = Case['exchanges'][number]['response']

/** A request as a case would write it, without its headers. */
export function requestOf(request: WireRequest): Expected {
  const url = new URL(request.url)
  const type = request.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  const query = grouped(url.searchParams) as NonNullable<Expected['query']>
  const body = bodyOf(request, type) as Expected['body']
  return {
    verb: request.verb as Expected['verb'],
    path: decode(url.pathname),
    ...(Object.keys(query).length === 0 ? {} : { query }),
    ...(body === undefined ? {} : { body }),
  }
}

/** How a request differs from the one that a case expects; verb, path, query and body count whole. */
export function requestDifferences(expected: Expected, request: WireRequest): string[] {
  const url = new URL(request.url)
  const headers = Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value]))
  const wanted = Object.entries(expected.headers ?? {})
  const path = decode(url.pathname) === decode(expected.path) ? url.pathname : `${request.verb} ${url.pathname}`
  return [
    ...(request.verb === expected.verb && path === url.pathname
      ? []
      : [`it is ${request.verb} ${url.pathname}, not ${expected.verb} ${expected.path}`]),
    ...differences(expected.query ?? {}, grouped(url.searchParams), 'query'),
    ...wanted.flatMap(([name, value]) => differences(value, headers[name.toLowerCase()], `headers.${name}`)),
    ...differences(expected.body, bodyOf(request, headers['content-type'] ?? ''), 'body'),
  ]
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** Pairs by name; repeated names become lists. */
function grouped(pairs: Iterable<readonly [string, string]>): Record<string, unknown> {
  const found = new Map<string, string[]>()
  for (const [name, value] of pairs) found.set(name, [...(found.get(name) ?? []), value])
  return Object.fromEntries([...found].map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
}

function bodyOf({ body }: WireRequest, contentType: string): unknown {
  if (body === undefined) return undefined
  if (!(body instanceof Uint8Array)) return '(a stream)'
  const text = new TextDecoder().decode(body)
  if (contentType.startsWith('application/x-www-form-urlencoded')) return grouped(new URLSearchParams(text))
  if (contentType.startsWith('multipart/form-data')) return parts(text, contentType)
  if (!/[/+]json\b/.test(contentType)) return text
  return JSON.parse(text)
}

/** The parts of a multipart body by name; files as `file:<name>`. */
function parts(text: string, contentType: string): Record<string, unknown> {
  const boundary = /boundary="?([^";]+)/.exec(contentType)?.[1] ?? ''
  const pairs = text.split(`--${boundary}`).flatMap((part): [string, string][] => {
    const [head = '', ...rest] = part.split('\r\n\r\n')
    const name = /name="([^"]*)"/.exec(head)?.[1]
    const file = /filename="([^"]*)"/.exec(head)?.[1]
    if (name === undefined) return []
    return [[name, file === undefined ? rest.join('\r\n\r\n').replace(/\r\n$/, '') : `file:${file}`]]
  })
  return grouped(pairs)
}

/** The answer of an exchange as the network would give it. */
export function responseOf({ status, headers = {}, body }: Answer): WireResponse {
  const isText = typeof body === 'string'
  const text = body === undefined ? '' : isText ? body : JSON.stringify(body)
  const type: Record<string, string> =
    body === undefined ? {} : { 'content-type': isText ? 'text/plain' : 'application/json' }
  const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return { status, headers: { ...type, ...Object.fromEntries(given) }, body: new TextEncoder().encode(text) }
}
