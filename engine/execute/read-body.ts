import { isAscii, isUtf8, transcode } from 'node:buffer'
import type { ResponseRules } from '../definition/catalog.ts'
import type { WireResponse } from '../ports.ts'
import { parseJsonLossless } from './big-integers.ts'
import { parseCsv } from './csv.ts'

/** A parsed body; `problem` says why it is not what the definition promises, and the body is then its text. */
export interface ReadBody {
  readonly body: unknown
  readonly problem?: string
}

const BOM = /^\uFEFF/

function textOf({ body, headers }: WireResponse): ReadBody {
  const charset = /charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase() ?? 'utf-8'
  if (charset !== 'utf-8' && charset !== 'utf8') {
    try {
      return { body: new TextDecoder(charset).decode(body) }
    } catch {
      return { body: Buffer.from(body).toString('latin1'), problem: `its charset ${charset} is not known` }
    }
  }
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (isUtf8(bytes)) return { body: validText(bytes).replace(BOM, '') }
  return { body: bytes.toString('utf8').replace(BOM, ''), problem: 'it is not valid UTF-8' }
}

/** Valid UTF-8 as text. With accents in it, the way over UTF-16 takes less than half of what decoding in place takes. */
const validText = (bytes: Buffer): string =>
  isAscii(bytes) ? bytes.toString('latin1') : transcode(bytes, 'utf8', 'ucs2').toString('ucs2')

type Parse = (text: string, rules: ResponseRules) => unknown

const PARSERS: Readonly<Record<'json' | 'csv' | 'text', Parse>> = {
  json: (text, rules) => (rules.bigIntegers === 'string' ? parseJsonLossless(text) : JSON.parse(text)),
  csv: (text) => parseCsv(text),
  text: (text) => text,
}

const looksLikeJson = (response: WireResponse): boolean => /[/+]json\b/i.test(response.headers['content-type'] ?? '')

/** Errors often come as JSON from an endpoint whose data does not. */
function formatOf(response: WireResponse, rules: ResponseRules): ResponseRules['format'] {
  return response.status >= 300 && looksLikeJson(response) ? 'json' : rules.format
}

/** Reads a body by the response rules. Nothing is thrown: what a broken body means depends on the status and error rules. */
export function readBody(response: WireResponse, rules: ResponseRules): ReadBody {
  if (response.body.byteLength === 0) return { body: null }
  const format = formatOf(response, rules)
  if (format === 'bytes') return { body: response.status < 300 ? response.body : textOf(response).body }
  const text = textOf(response)
  if (format === 'none' || text.problem !== undefined) return text
  try {
    return { body: PARSERS[format](String(text.body), rules) }
  } catch (error) {
    const type = response.headers['content-type'] ?? 'no content type'
    const why = error instanceof SyntaxError ? error.message.slice(0, 120) : 'unreadable'
    return { ...text, problem: `it is not valid ${format} (${type}): ${why}` }
  }
}
