import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMap, parseDocument } from 'yaml'

/** The built product copied elsewhere, so that its built-in definitions can be others. */
export interface Installation {
  readonly folder: string
  /** Compiled entry of the command line. */
  readonly main: string
  /** Names of its integrations. */
  readonly integrations: readonly string[]
  /** Version of the provider's API that its definition names. */
  readonly apiVersion: string
  remove(): void
}

/** Root of the repository; this file runs from dist/bench/harness. */
const ROOT = join(import.meta.dirname, '..', '..', '..')
/** The provider that the benches speak to; the upstream's pages have its shape. */
export const PROVIDER = 'stripe'
const PARTS = ['integration.yaml', 'resources', 'mappings']

/** What of a copy is not as it is built. */
export interface InstallOptions {
  /** The provider's rate limits let every request through, after the same reckoning. */
  readonly openLimits?: boolean
  /** No bucket of the provider holds less than so many requests a window. */
  readonly leastLimit?: number | undefined
  /** The provider's definition is repeated under other names until there are so many. */
  readonly providers?: number
  /** A unified resource whose records in events are taken as they come. */
  readonly trusted?: string | undefined
}

/** Copies the built product with its definitions. */
export function install({ openLimits = false, leastLimit, providers = 0, trusted }: InstallOptions = {}): Installation {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-bench-install-'))
  for (const part of ['dist', 'unified-models', 'integrations', 'package.json']) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const integrations = readdirSync(join(folder, 'integrations'))
  for (let number = integrations.length + 1; number <= providers; number++) {
    integrations.push(repeatProvider(folder, `provider_${number}`))
  }
  if (trusted !== undefined) {
    change(join(folder, 'integrations', PROVIDER, 'webhooks.yaml'), (document) =>
      document.setIn(['record', 'trust'], [trusted]),
    )
  }
  const integration = join(folder, 'integrations', PROVIDER, 'integration.yaml')
  if (openLimits) change(integration, openRateLimits)
  if (leastLimit !== undefined) change(integration, (document) => raiseRateLimits(document, leastLimit))
  // the last step of a build, which writes the images of what is built in
  execFileSync(process.execPath, [join(folder, 'dist/scripts/write-images.js')])
  return {
    folder,
    main: join(folder, 'dist/server/cli/main.js'),
    integrations,
    apiVersion: String(
      read(join(folder, 'integrations', PROVIDER, 'integration.yaml')).getIn(['api_version', 'value']),
    ),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

type Document = ReturnType<typeof parseDocument>

function repeatProvider(folder: string, name: string): string {
  const copy = join(folder, 'integrations', name)
  mkdirSync(copy)
  for (const part of PARTS) cpSync(join(folder, 'integrations', PROVIDER, part), join(copy, part), { recursive: true })
  change(join(copy, 'integration.yaml'), (document) => document.set('name', name))
  return name
}

const read = (file: string): Document => parseDocument(readFileSync(file, 'utf8'))

function change(file: string, edit: (document: Document) => void): void {
  const document = read(file)
  edit(document)
  writeFileSync(file, document.toString())
}

/** Every bucket stays, but holds far more than can be asked for within a hundredth of its window. */
function openRateLimits(document: Document): void {
  for (const bucket of bucketsOf(document)) {
    document.setIn([...bucket, 'limit'], 100_000)
    document.setIn([...bucket, 'window_ms'], 10)
  }
}

function raiseRateLimits(document: Document, least: number): void {
  for (const bucket of bucketsOf(document)) {
    const limit = Number(document.getIn([...bucket, 'limit']))
    document.setIn([...bucket, 'limit'], Math.max(limit, least))
  }
}

function bucketsOf(document: Document): string[][] {
  const at = ['rate_limits', 'buckets']
  const buckets = document.getIn(at)
  if (!isMap(buckets)) throw new Error(`${PROVIDER} declares no rate limits`)
  return buckets.items.map(({ key }) => [...at, String(key)])
}
