import type { EngineError, Integration, JsonRecord } from '../../engine/index.ts'
import { type Attempt, recordsOf } from './attempt.ts'
import { Cutter } from './cut.ts'
import type { Exchange } from './exchange.ts'
import { explainedText } from './explained.ts'

const MOST_LINES = 40

interface Shown {
  readonly isFull: boolean
  readonly isUnified: boolean
}

/** A call as people read it: each request and answer, then the records with where their fields come from. */
export function attemptText(integration: Integration, tried: Attempt, { isFull, isUnified }: Shown): string {
  const cutter = new Cutter(integration, tried.credentials)
  const exchanges = tried.exchanges.map((exchange) => exchangeText(exchange, cutter, isFull))
  return [...exchanges, ...answerTexts(tried, cutter, isUnified, isFull)].join('\n\n')
}

function exchangeText({ request, response, error, durationMs }: Exchange, cutter: Cutter, isFull: boolean): string {
  const asked = cutter.request(request)
  const lines = [
    `${asked.verb} ${asked.url}`,
    ...Object.entries(asked.headers).map(([name, value]) => `  ${name}: ${value}`),
    ...('body' in asked ? [indented(asked.body, isFull)] : []),
  ]
  if (response === undefined) {
    const isHeld = error?.code === 'canceled'
    return [...lines, isHeld ? '-> not sent' : `-> ${error?.code ?? 'failed'}: ${error?.message ?? ''}`].join('\n')
  }
  const { status, headers, body } = cutter.response(response)
  const type = headers['content-type'] === undefined ? '' : `, ${headers['content-type']}`
  return [...lines, `-> ${status} in ${durationMs} ms${type}`, indented(body, isFull)].join('\n')
}

function indented(value: unknown, isFull: boolean): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  const lines = text.split('\n')
  const shown = isFull ? lines : lines.slice(0, MOST_LINES)
  const rest = lines.length - shown.length
  return [...shown, ...(rest > 0 ? [`… ${rest} more lines; --full shows them`] : [])]
    .map((line) => `  ${line}`)
    .join('\n')
}

function answerTexts({ answer, error }: Attempt, cutter: Cutter, isUnified: boolean, isFull: boolean): string[] {
  if (error !== undefined) return [errorText(error)]
  if (answer === undefined) return ['Nothing was sent. What would follow depends on the answer.']
  const warnings = answer.report.warnings.map((warning) => `warning: ${warning}`)
  if (!isUnified) return warnings
  if (answer.kind === 'method') return [indented(cutter.value(answer.result), isFull), ...warnings]
  const records = recordsOf(answer).map((record) => explainedText(cutter.value(record) as JsonRecord))
  const more =
    answer.kind === 'list'
      ? [`${records.length} records${answer.nextCursor === null ? '' : ', and there are more'}`]
      : []
  return [...records, ...more, ...warnings]
}

/** A failure with everything that helps: its code, place, what the provider said and what to do. */
function errorText({ code, message, details }: EngineError): string {
  const { where, hint, provider, valid, faults = [] } = details
  return [
    `${code}: ${message}`,
    ...(where === undefined ? [] : [`  at ${where}`]),
    ...(provider === undefined
      ? []
      : [`  ${provider.name} said ${provider.status} ${provider.code ?? ''} ${provider.message ?? ''}`.trimEnd()]),
    ...faults.map((fault) => `  ${fault.pointer}: ${fault.message}`),
    ...(valid === undefined || hint !== undefined ? [] : [`  there is ${valid.slice(0, 20).join(', ')}`]),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ].join('\n')
}

/** A call as data, in the names of the wire. */
export function attemptOut(integration: Integration, tried: Attempt, isDry: boolean): object {
  const cutter = new Cutter(integration, tried.credentials)
  const { answer, error } = tried
  const exchanges = tried.exchanges.map(({ request, response, error: failure, durationMs }) => ({
    request: cutter.request(request),
    ...(response === undefined ? { error: failure?.code ?? null } : { response: cutter.response(response) }),
    duration_ms: durationMs,
  }))
  return {
    ...{ dry_run: isDry, exchanges },
    ...(answer === undefined ? {} : { result: cutter.value(answer.kind === 'record' ? answer.record : answer.result) }),
    ...(answer?.kind === 'list' ? { has_more: answer.nextCursor !== null } : {}),
    ...(answer === undefined ? {} : { warnings: answer.report.warnings }),
    ...(error === undefined ? {} : { error: errorOut(error, cutter) }),
  }
}

function errorOut({ code, message, details }: EngineError, cutter: Cutter): object {
  const { where, hint, valid, provider, faults } = details
  return cutter.value({ code, message, where, hint, valid, provider, faults }) as object
}
