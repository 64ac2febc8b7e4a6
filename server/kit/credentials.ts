import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { parse } from 'yaml'
import { type CompiledAuthMethod, EngineError, type Integration } from '../../engine/index.ts'
import { formOf } from '../api/form.ts'
import { readToolSettings } from '../config.ts'

/** Where the fields of a form may come from. */
export interface CredentialSource {
  /** A file of JSON or YAML with the fields; `-` is standard input. */
  readonly file?: string | undefined
  /** `name=value` pairs of the command line. */
  readonly fields: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Asks a person; undefined where there is none. */
  readonly ask: ((label: string, isSecret: boolean) => Promise<string>) | undefined
  readonly warn: (text: string) => void
}

const HINT =
  'Give them in ONEFOLD_CONNECT (integration:field=value), in a file with --credentials, or let yourself be asked at a terminal.'

/** The fields of the form of an auth method: of the command line, the file, the environment, or asked for. Throws EngineError. */
export async function gatherFields(
  integration: Integration,
  method: CompiledAuthMethod,
  source: CredentialSource,
): Promise<Record<string, string>> {
  const form = { ...formOf(integration, method), ...method.app }
  const { connect } = readToolSettings({ ONEFOLD_CONNECT: source.env.ONEFOLD_CONNECT })
  const given: Record<string, string> = {
    ...(connect?.integration === integration.name ? connect.fields.reveal() : {}),
    ...(source.file === undefined ? {} : readFields(source.file)),
    ...Object.fromEntries(source.fields.map(pairOf)),
  }
  for (const name of source.fields.map((field) => pairOf(field)[0])) {
    if (form[name]?.secret !== true) continue
    source.warn(`${name} is a secret: on the command line others on this machine can read it. ${HINT}`)
  }
  const missing = Object.entries(form).filter(([name, field]) => {
    const { required = true, default: usual, visible_when: when } = field
    const isVisible = when === undefined || given[when.field] === when.equals
    return isVisible && required && usual === undefined && given[name] === undefined
  })
  if (missing.length > 0 && source.ask === undefined) {
    const names = missing.map(([name]) => name)
    throw new EngineError('invalid_credentials', `No ${names.join(', ')} of ${integration.label}`, {
      hint: HINT,
      missingFields: names,
    })
  }
  for (const [name, field] of missing) given[name] = (await source.ask?.(field.label, field.secret === true)) ?? ''
  const usual = Object.entries(form).flatMap(([name, field]) =>
    field.default === undefined ? [] : [[name, field.default]],
  )
  return { ...Object.fromEntries(usual), ...given }
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new EngineError('config_invalid', '--field is not of the form name=value', { where: '--field' })
}

function readFields(file: string): Record<string, string> {
  const wrong = (cause?: unknown): EngineError =>
    new EngineError('config_invalid', `${file} is no file of fields`, {
      where: '--credentials',
      hint: 'It holds one field a line: `secret_key: sk_...`, or the same as JSON.',
      cause,
    })
  try {
    const read: unknown = parse(readFileSync(file === '-' ? 0 : file, 'utf8'))
    if (typeof read !== 'object' || read === null || Array.isArray(read)) throw wrong()
    return Object.fromEntries(Object.entries(read).map(([name, value]) => [name, String(value)]))
  } catch (thrown) {
    // What YAML says of a fault quotes the line, which may be the key.
    throw thrown instanceof EngineError ? thrown : wrong()
  }
}

/** Asks at the terminal; what is typed of a secret is not shown. Undefined where nobody sits at one. */
export function terminalAsker(): CredentialSource['ask'] {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  return async (label, isSecret) => {
    process.stderr.write(`${label}: `)
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
    const lines = createInterface({ input: process.stdin, output: isSecret ? silent : process.stderr, terminal: true })
    const answer = await new Promise<string>((resolve, reject) => {
      lines.once('SIGINT', () => reject(new EngineError('canceled', 'Nothing was entered')))
      lines.question('', resolve)
    }).finally(() => lines.close())
    if (isSecret) process.stderr.write('\n')
    return answer.trim()
  }
}
