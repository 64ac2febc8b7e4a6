import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { ROOT } from '../house.ts'
import { MAIN, plainEnvironment, type Served, serve } from '../served.ts'
import type { Block } from './blocks.ts'

const run = promisify(execFile)
const OWN = new Set(['.git', '.onefold', 'test', 'coverage', 'tsconfig.json', 'tsconfig.build.json'])
const CALLS_THE_SERVER = /(?:127\.0\.0\.1|localhost):400[01]\b/
const STARTS_A_PROVIDER = /^\S+ init /m
// An HTTP failure fails the example; what one block sets, the next block of the page still has.
const PRELUDE =
  'curl() { command curl --silent --show-error --fail-with-body "$@"; }\n[ -f .state ] && . ./.state\nset -aeuo pipefail\n'
const EPILOGUE = '\nexport -p >.state\n'
const TSC = ['--noCheck', '--ignoreConfig', '--module', 'nodenext', '--target', 'es2023', '--types', 'node']

/** Where the examples of one page are tried: a folder that looks like the checkout, with a server and data of its own. */
export interface Desk {
  /** Runs or reads one block; throws with what it printed when the block is not true. */
  try(block: Block): Promise<void>
  close(): Promise<void>
}

function layOut(blocks: readonly Block[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-docs-'))
  for (const name of readdirSync(ROOT)) if (!OWN.has(name)) symlinkSync(join(ROOT, name), join(folder, name))
  for (const { definition, code } of blocks) {
    if (definition === null) continue
    const file = join(folder, 'definitions', definition)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, code)
  }
  return folder
}

const withPorts = (code: string, server: Served | undefined): string =>
  server === undefined
    ? code
    : code
        .replace(/(127\.0\.0\.1|localhost):4000\b/g, `$1:${server.port}`)
        .replace(/(127\.0\.0\.1|localhost):4001\b/g, `$1:${server.passthroughPort}`)
        .replace(/\bport: 4001\b/g, `port: ${server.passthroughPort}`)

async function execute(block: Block, folder: string, server: Served | undefined): Promise<void> {
  const options = { cwd: folder, env: plainEnvironment(), timeout: 100_000 }
  const code = withPorts(block.code, server)
  if (block.language === 'bash') {
    await run('bash', ['-c', PRELUDE + code + EPILOGUE], options)
    return
  }
  const stem = join(folder, `example-${block.line}`)
  writeFileSync(`${stem}.${block.language}`, code)
  if (block.language === 'ts') await run(join(ROOT, 'node_modules/.bin/tsc'), [...TSC, `${stem}.ts`], options)
  await run(process.execPath, [`${stem}.js`], options)
}

async function attempt(block: Block, folder: string, server: Served | undefined): Promise<void> {
  if (block.language === 'json') JSON.parse(block.code)
  else if (block.language === 'yaml') {
    const problems = parseAllDocuments(block.code).flatMap((document) => ('errors' in document ? document.errors : []))
    if (problems[0] !== undefined) throw problems[0]
    if (block.definition !== null)
      await run(process.execPath, [MAIN, 'check', 'definitions'], { cwd: folder, env: plainEnvironment() })
  } else await execute(block, folder, server)
}

const saidBy = (error: unknown): string => {
  const { message, stdout = '', stderr = '' } = error as { message: string; stdout?: string; stderr?: string }
  return [message, stdout, stderr].filter((text) => text !== '').join('\n')
}

/** Prepares a desk for the blocks of one page; the server runs only when one of them calls it. */
export async function openDesk(blocks: readonly Block[]): Promise<Desk> {
  const folder = layOut(blocks)
  const needsServer = blocks.some(({ code, norun }) => norun === null && CALLS_THE_SERVER.test(code))
  const hasDefinitions = blocks.some(({ definition, code }) => definition !== null || STARTS_A_PROVIDER.test(code))
  const settings: Record<string, string> = hasDefinitions ? { ONEFOLD_DEFINITIONS: join(folder, 'definitions') } : {}
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const started = needsServer ? serve(folder, settings) : undefined
  const server = await started?.catch((error: unknown) => {
    remove()
    throw error
  })
  return {
    async try(block) {
      const failure = await attempt(block, folder, server).then(() => null, saidBy)
      if (failure !== null && !block.fails) throw new Error(`${block.page}:${block.line}: ${failure}`)
      if (failure === null && block.fails)
        throw new Error(`${block.page}:${block.line}: is marked \`fails\` and succeeds`)
    },
    async close() {
      await server?.stop()
      remove()
    },
  }
}
