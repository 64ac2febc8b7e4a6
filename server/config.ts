import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { EngineError, Secret } from '../engine/index.ts'
import { SETTINGS } from './settings-table.ts'

/** An account to connect at start. */
export interface ConnectSetting {
  readonly integration: string
  readonly fields: Secret<Readonly<Record<string, string>>>
}

/** The SMTP server that mails go through. */
export interface SmtpSetting {
  /** `smtp://` or `smtps://`, with user and password where it wants them. */
  readonly url: Secret
  /** The From header. */
  readonly from: string
  /** The bare address in it. */
  readonly address: string
}

/** Settings after reading; nothing in it is left to decide but what the data folder holds. */
export interface Settings {
  readonly host: string
  readonly port: number
  /** Null switches the drop-in port off. */
  readonly passthroughPort: number | null
  /** Absolute path. */
  readonly dataDir: string
  readonly databaseUrl: Secret | null
  /** Null: made and kept in the data folder. */
  readonly masterKeys: Secret | null
  /** Null: made and kept in the data folder, or none in production. */
  readonly adminToken: Secret | null
  readonly connect: ConnectSetting | null
  readonly hasSandbox: boolean
  /** Absolute paths. */
  readonly definitions: readonly string[]
  readonly publicUrl: URL | null
  readonly egressAllow: readonly string[]
  readonly smtp: SmtpSetting | null
  readonly trustsProxy: boolean
  /** Whether `/mcp/{token}` is served. */
  readonly mcpPathTokens: boolean
  readonly isLoopback: boolean
  readonly isProduction: boolean
  readonly logLevel: string
  /** Variables that look like settings and are none. */
  readonly unknown: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

interface Problem {
  readonly setting: string
  readonly what: string
  readonly fix: string
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent']
const SWITCH: Readonly<Record<string, boolean>> = {
  on: true,
  true: true,
  yes: true,
  '1': true,
  off: false,
  false: false,
  no: false,
  '0': false,
}

/** Reads settings one by one and remembers what is wrong, so that all of it is told at once. */
class Reader {
  readonly problems: Problem[] = []
  readonly #env: Environment

  constructor(env: Environment) {
    this.#env = env
  }

  bad<T>(setting: string, what: string, fix: string, instead: T): T {
    this.problems.push({ setting, what, fix })
    return instead
  }

  /** Trimmed; undefined when not given or empty. */
  text(name: string): string | undefined {
    const value = this.#env[name]?.trim()
    return value === '' ? undefined : value
  }

  isGiven(name: string): boolean {
    return this.#env[name] !== undefined
  }

  port(name: string, fallback: number): number {
    const text = this.text(name)
    if (text === undefined) return fallback
    const port = Number(text)
    if (/^\d+$/.test(text) && port <= 65_535) return port
    return this.bad(name, `'${text}' is not a port`, 'Give a whole number from 0 to 65535 (0 takes a free one).', 0)
  }

  flag(name: string, fallback: boolean): boolean {
    const text = this.text(name)
    if (text === undefined) return fallback
    return SWITCH[text.toLowerCase()] ?? this.bad(name, `'${text}' is neither on nor off`, 'Give on or off.', fallback)
  }

  list(name: string, divider: RegExp): readonly string[] {
    return (this.text(name) ?? '').split(divider).flatMap((part) => (part.trim() === '' ? [] : [part.trim()]))
  }
}

/** Whether an address to listen on, or the name in a URL, is this machine only. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return (
    bare === 'localhost' ||
    bare.endsWith('.localhost') ||
    bare === '::1' ||
    (isIP(bare) === 4 && bare.startsWith('127.'))
  )
}

/**
 * The settings out of environment variables. Throws one EngineError config_invalid that names every bad setting, what it
 * is and how to fix it; `where` holds their names.
 */
export function readSettings(env: Environment, cwd: string = process.cwd()): Settings {
  const reader = new Reader(env)
  const isProduction = reader.text('NODE_ENV') === 'production'
  const host = reader.text('HOST') ?? '127.0.0.1'
  const isLoopback = isLoopbackHost(host)
  const publicUrl = readPublicUrl(reader)
  const databaseUrl = reader.text('DATABASE_URL')
  const maySandbox = isLoopback && databaseUrl === undefined && publicUrl === null && !isProduction
  const settings: Settings = {
    host,
    ...readPorts(reader),
    dataDir: resolve(cwd, reader.text('ONEFOLD_DATA') ?? '.onefold'),
    databaseUrl: databaseUrl === undefined ? null : new Secret(databaseUrl),
    masterKeys: readMasterKeys(reader, isProduction || databaseUrl !== undefined),
    adminToken: readAdminToken(reader, isProduction),
    connect: readConnect(reader),
    hasSandbox: reader.flag('ONEFOLD_SANDBOX', maySandbox),
    definitions: reader.list('ONEFOLD_DEFINITIONS', /[,:]/).map((folder) => resolve(cwd, folder)),
    publicUrl,
    egressAllow: readEgress(reader),
    smtp: readSmtp(reader),
    trustsProxy: reader.flag('ONEFOLD_TRUST_PROXY', false),
    mcpPathTokens: reader.flag('ONEFOLD_MCP_PATH_TOKENS', false),
    isLoopback,
    isProduction,
    logLevel: readLevel(reader),
    unknown: unknownNames(env),
  }
  if (!settings.isLoopback && !settings.trustsProxy) {
    reader.bad(
      'HOST',
      `${host} can be reached from other machines, and there is no TLS here`,
      'Listen on 127.0.0.1, or put a proxy with TLS in front and set ONEFOLD_TRUST_PROXY=on.',
      null,
    )
  }
  refuse(reader.problems)
  return Object.freeze(settings)
}

/** The settings that tools of the command line share with the server. Throws config_invalid as readSettings does. */
export function readToolSettings(
  env: Environment,
  cwd: string = process.cwd(),
): Pick<Settings, 'connect' | 'definitions' | 'egressAllow'> {
  const reader = new Reader(env)
  const definitions = reader.list('ONEFOLD_DEFINITIONS', /[,:]/).map((folder) => resolve(cwd, folder))
  const settings = { connect: readConnect(reader), definitions, egressAllow: readEgress(reader) }
  refuse(reader.problems)
  return settings
}

function refuse(problems: readonly Problem[]): void {
  const [first] = problems
  if (first === undefined) return
  const told = problems.map(({ setting, what }) => `${setting}: ${what}`).join('; ')
  throw new EngineError('config_invalid', told, {
    where: problems.map(({ setting }) => setting).join(', '),
    hint: problems.map(({ setting, fix }) => (problems.length === 1 ? fix : `${setting}: ${fix}`)).join(' '),
  })
}

function readPorts(reader: Reader): { port: number; passthroughPort: number | null } {
  const port = reader.port('PORT', 4000)
  const isOff = reader.isGiven('PASSTHROUGH_PORT') && reader.text('PASSTHROUGH_PORT') === undefined
  if (isOff) return { port, passthroughPort: null }
  const passthroughPort = reader.port('PASSTHROUGH_PORT', 4001)
  if (port !== 0 && port === passthroughPort) {
    reader.bad('PASSTHROUGH_PORT', `${port} is the PORT too`, 'Give another port, or leave it empty.', null)
  }
  return { port, passthroughPort }
}

function readPublicUrl(reader: Reader): URL | null {
  const text = reader.text('ONEFOLD_PUBLIC_URL')
  if (text === undefined) return null
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === '') {
    return url
  }
  return reader.bad(
    'ONEFOLD_PUBLIC_URL',
    'it is not an http or https URL',
    'Give one such as https://api.example.com.',
    null,
  )
}

function readMasterKeys(reader: Reader, isRequired: boolean): Secret | null {
  const text = reader.text('ONEFOLD_MASTER_KEY')
  if (text !== undefined) return new Secret(text)
  if (!isRequired) return null
  return reader.bad(
    'ONEFOLD_MASTER_KEY',
    'it must be given with NODE_ENV=production or DATABASE_URL',
    'Make one with: openssl rand -base64 32. Keep it apart from the backups.',
    null,
  )
}

function readAdminToken(reader: Reader, isProduction: boolean): Secret | null {
  const text = reader.text('ONEFOLD_ADMIN_TOKEN')
  if (text === undefined) return null
  const least = isProduction ? 24 : 8
  if (text.length >= least && /^[\x21-\x7e]+$/.test(text)) return new Secret(text)
  return reader.bad(
    'ONEFOLD_ADMIN_TOKEN',
    `it is shorter than ${least} characters or holds blanks`,
    'Make one with: openssl rand -hex 32.',
    null,
  )
}

/** Values may hold colons, equal signs and commas; a comma divides only where `name=` follows. */
function readConnect(reader: Reader): ConnectSetting | null {
  const text = reader.text('ONEFOLD_CONNECT')
  if (text === undefined) return null
  const [, integration, rest] = /^([a-z][a-z0-9_-]*):([\s\S]+)$/.exec(text) ?? []
  const pairs = (rest ?? '').split(/,(?=[a-z][a-z0-9_]*=)/).map((part) => /^([a-z][a-z0-9_]*)=([\s\S]+)$/.exec(part))
  if (integration === undefined || pairs.some((pair) => pair === null)) {
    // The value holds a key: it is never repeated in a message.
    return reader.bad(
      'ONEFOLD_CONNECT',
      'it is not of the form integration:field=value',
      'Write integration:field=value[,field=value]; GET /integration/{name} names the fields.',
      null,
    )
  }
  const fields = Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']))
  return { integration, fields: new Secret(fields) }
}

function readEgress(reader: Reader): readonly string[] {
  const entries = reader.list('ONEFOLD_EGRESS_ALLOW', /[,\s]/)
  const bad = entries.filter((entry) => !/^[\w.:*-]+(\/\d{1,3})?$/.test(entry))
  if (bad.length === 0) return entries
  const what = `${bad.map((entry) => `'${entry}'`).join(', ')} is no host name, address or CIDR range`
  return reader.bad('ONEFOLD_EGRESS_ALLOW', what, 'Write for example 10.0.0.0/8,erp.internal.', [])
}

/** The URL holds a password: it is never repeated in a message. */
function readSmtp(reader: Reader): SmtpSetting | null {
  const text = reader.text('ONEFOLD_SMTP_URL')
  const from = reader.text('ONEFOLD_SMTP_FROM')
  if (text === undefined && from === undefined) return null
  const url = URL.canParse(text ?? '') ? new URL(text ?? '') : null
  if (url === null || !/^smtps?:$/.test(url.protocol) || url.hostname === '') {
    return reader.bad('ONEFOLD_SMTP_URL', 'it is no SMTP URL', 'Write smtps://user:password@mail.example.com.', null)
  }
  const address = /^(?:[^<>"\r\n]{0,100}<)?([^\s@<>"(),;:]{1,64}@[A-Za-z0-9.-]{1,255})>?$/.exec(from ?? '')?.[1]
  if (address === undefined || from === undefined) {
    const fix = 'Write alerts@example.com or Acme <alerts@example.com>.'
    return reader.bad('ONEFOLD_SMTP_FROM', 'it is no address to send mail from', fix, null)
  }
  return { url: new Secret(url.href), from, address }
}

function readLevel(reader: Reader): string {
  const level = reader.text('LOG_LEVEL') ?? 'info'
  if (LEVELS.includes(level)) return level
  return reader.bad('LOG_LEVEL', `'${level}' is not a level`, `Give one of ${LEVELS.join(', ')}.`, 'info')
}

function unknownNames(env: Environment): readonly string[] {
  const known = new Set(SETTINGS.map(({ name }) => name))
  return Object.keys(env).filter((name) => name.startsWith('ONEFOLD_') && !known.has(name))
}
