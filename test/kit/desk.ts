import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { onefold } from '../cli/support.ts'
import { ROOT } from '../support/house.ts'
import { type Script, startUpstream, type Upstream } from '../support/upstream.ts'

/** A folder with the made-up provider's definitions, and the provider itself. */
export interface Desk {
  readonly folder: string
  readonly upstream: Upstream
  /** Runs the command line; the definitions and the key of the provider are given. */
  run(...args: string[]): ReturnType<typeof onefold>
  read(file: string): string
  /** Replaces a text that stands exactly once in a file. */
  change(file: string, from: string, to: string): void
}

export const KEY = 'key-of-quarry-4711'
export const SECRET = 'secret-of-quarry-0815'

/** Lays out a desk; the provider answers as the script says. */
export async function openDesk(script: Script): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-kit-'))
  const upstream = await startUpstream(script)
  onTestFinished(async () => {
    await upstream.close()
    rmSync(folder, { recursive: true, force: true })
  })
  cpSync(join(ROOT, 'test/fixtures/providers/quarry'), join(folder, 'defs'), { recursive: true })
  writeFileSync(join(folder, 'fields.yaml'), `key: ${KEY}\nsecret: ${SECRET}\nsite: north\n`)
  const at = (file: string): string => join(folder, 'defs/integrations/quarry', file)
  return {
    folder,
    upstream,
    run: (...args) => onefold(folder, ...args, '--definitions', 'defs'),
    read: (file) => readFileSync(at(file), 'utf8'),
    change: (file, from, to) => {
      const text = readFileSync(at(file), 'utf8')
      if (text.split(from).length !== 2) throw new Error(`${file} has not exactly one ${from}`)
      writeFileSync(at(file), text.replace(from, to))
    },
  }
}

/** Options that call the provider of a desk. */
export const live = ({ upstream }: Desk): string[] => ['--base-url', upstream.url, '--credentials', 'fields.yaml']
