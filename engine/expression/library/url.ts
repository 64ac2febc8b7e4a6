import { isPlainObject, setOwn } from '../plain.ts'
import { isNothing, objectOf, textOf, unlessNothing, wrongArgument } from './arguments.ts'
import type { Entry } from './contract.ts'

const HINT = 'Give an absolute URL with its scheme: https://acme.test/path?a=1.'

function urlOf(value: unknown): URL {
  const text = textOf(value, 'A URL')
  if (URL.canParse(text)) return new URL(text)
  throw wrongArgument('A URL', value, HINT)
}

/** The parameters of a query by name: a text, or an array of texts where a name comes more than once. */
function queryOf(parameters: URLSearchParams): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name)
    setOwn(result, name, values.length === 1 ? values[0] : values)
  }
  return result
}

function parseUrl(value: unknown): Record<string, unknown> {
  const { protocol, hostname, port, pathname, searchParams, hash } = urlOf(value)
  return {
    scheme: protocol.slice(0, -1),
    host: hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    path: pathname,
    query: queryOf(searchParams),
    ...(hash === '' ? {} : { fragment: hash.slice(1) }),
  }
}

function urlParam(value: unknown, name: unknown): string | undefined {
  const text = textOf(value, 'A URL')
  const query = /\?([^#]*)/.exec(text)?.[1] ?? ''
  return new URLSearchParams(query).get(textOf(name, 'The name of a parameter')) ?? undefined
}

/** Adds the fields of an object to parameters; an array gives one for each item, null and missing give none. */
function fill(parameters: URLSearchParams, fields: unknown, replaces: boolean): URLSearchParams {
  for (const [name, given] of Object.entries(objectOf(fields))) {
    const values = (Array.isArray(given) ? given : [given]).filter((value) => !isNothing(value))
    if (replaces && values.length > 0) parameters.delete(name)
    for (const value of values) {
      if (isPlainObject(value)) throw wrongArgument(`A text, number or boolean as \`${name}\``, value)
      parameters.append(name, typeof value === 'boolean' ? String(value) : textOf(value))
    }
  }
  return parameters
}

function buildUrl(base: unknown, fields: unknown): string {
  const url = urlOf(base)
  if (!isNothing(fields)) fill(url.searchParams, fields, true)
  return url.href
}

/** Functions for URLs and queries; JSONata has $encodeUrlComponent and its kin. */
export const URLS: readonly Entry[] = [
  {
    name: 'parseUrl',
    signature: '$parseUrl(url: string): { scheme, host, port?, path, query, fragment? }',
    doc: `The parts of an absolute URL; \`query\` has the parameters by name, an array where one comes more than once. Credentials in
it are left out. Null gives null.`,
    examples: [
      {
        expr: '$parseUrl(href)',
        record: { href: 'https://acme.test/v1/orders/7?page=2#top' },
        result: { scheme: 'https', host: 'acme.test', path: '/v1/orders/7', query: { page: '2' }, fragment: 'top' },
      },
      { expr: '$split($parseUrl(href).path, "/")[-1]', record: { href: 'https://acme.test/v1/orders/7' }, result: '7' },
    ],
    implementation: unlessNothing(parseUrl),
  },
  {
    name: 'urlParam',
    signature: '$urlParam(url: string, name: string): string',
    doc: 'The first value of a parameter in the query of a URL, absolute or not. No value where it is not there. Null gives null.',
    examples: [
      { expr: '$urlParam(next, "after")', record: { next: '/v1/orders?limit=10&after=o%207' }, result: 'o 7' },
      { expr: '$urlParam(next, "after")', record: { next: '/v1/orders' }, result: undefined },
    ],
    implementation: unlessNothing(urlParam),
  },
  {
    name: 'buildUrl',
    signature: '$buildUrl(base: string, query?: object): string',
    doc: `An absolute URL with the fields of an object as parameters, in place of those of the same name: an array gives one for
each item, null and missing none. Null gives null.`,
    examples: [
      {
        expr: '$buildUrl("https://acme.test/pay?mode=test", { "order": id, "note": none })',
        record: { id: 'a b', none: null },
        result: 'https://acme.test/pay?mode=test&order=a+b',
      },
    ],
    implementation: unlessNothing(buildUrl),
  },
  {
    name: 'encodeQuery',
    signature: '$encodeQuery(fields: object): string',
    doc: `The fields of an object as a query or form body: an array gives one parameter for each item, null and missing none. Null
gives null.`,
    examples: [{ expr: '$encodeQuery({ "a": [1, 2], "b": "x&y" })', result: 'a=1&a=2&b=x%26y' }],
    implementation: unlessNothing((fields) => fill(new URLSearchParams(), fields, false).toString()),
  },
  {
    name: 'parseQuery',
    signature: '$parseQuery(text: string): object',
    doc: `The parameters of a query or form body by name, with or without a leading ?: an array where one comes more than once. Null
gives null.`,
    examples: [
      { expr: '$parseQuery(body).ACK', record: { body: 'ACK=Success&AMT=10.00' }, result: 'Success' },
      { expr: '$parseQuery("?a=1&a=2")', result: { a: ['1', '2'] } },
    ],
    implementation: unlessNothing((text) => queryOf(new URLSearchParams(textOf(text)))),
  },
]
