import type { JsonRecord } from '../../engine/index.ts'

/** Where a field came from, as explaining a record tells it. */
interface ExplainedField {
  readonly expression?: string
  readonly const?: unknown
  readonly backend?: string
  readonly address?: string
  readonly layer?: string
  readonly value_null_reason?: string
  readonly note?: string
}

interface Meta {
  readonly explain?: Readonly<Record<string, ExplainedField>>
  readonly field_errors?: readonly { readonly field: string; readonly message?: string; readonly code?: string }[]
}

const WIDEST = 44

/** A record field by field: its value, the expression it came from, who evaluated it, where that stands, and why it is null. */
export function explainedText(record: JsonRecord): string {
  const { explain = {}, field_errors: errors = [] } = (record._meta ?? {}) as Meta
  const rows = Object.entries(explain).map(([field, told]) => [field, valueText(record, field), sourceText(told)])
  const width = (at: number): number => Math.max(0, ...rows.map((row) => Math.min(WIDEST, row[at]?.length ?? 0)))
  const [names, values] = [width(0), width(1)]
  const lines = rows.map(([field = '', value = '', source = '']) => {
    return `  ${field.padEnd(names)}  ${value.padEnd(values)}  ${source}`.trimEnd()
  })
  const failed = errors.map(({ field, code = 'failed', message = '' }) => `  ! ${field}: ${code}: ${message}`)
  return [`${String(record.object ?? 'record')} ${String(record.id ?? '')}`.trim(), ...lines, ...failed].join('\n')
}

function valueText(record: JsonRecord, path: string): string {
  if (path.includes('[]')) return ''
  const value = path.split('.').reduce<unknown>((here, name) => (here as JsonRecord | null | undefined)?.[name], record)
  const text = JSON.stringify(value ?? null)
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text
}

function sourceText({
  expression,
  backend,
  address,
  layer,
  value_null_reason: why,
  note,
  ...told
}: ExplainedField): string {
  const source = 'const' in told ? 'constant' : (expression ?? '').replace(/\s+/g, ' ')
  const because = why === undefined ? [] : [`${why}${note === undefined ? '' : `: ${note}`}`]
  const where = [backend, layer === 'platform' ? undefined : layer, address].filter((one) => one !== undefined)
  const evaluated = where.length === 0 ? [] : [`(${where.join(', ')})`]
  return [...(source === '' ? [] : [`<- ${source}`]), ...evaluated, ...because].join('  ')
}
