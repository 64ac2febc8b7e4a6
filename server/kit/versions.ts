import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { EngineError } from '../../engine/index.ts'
import { type Kit, openKit } from './definitions.ts'

const run = promisify(execFile)
const GIT = 'git:'
const MOST_BYTES = 256 * 1_048_576

/** Definitions in one of their versions. */
export interface Version {
  readonly name: string
  readonly kit: Kit
  /** Removes what was written for it. */
  close(): void
}

/**
 * Opens a folder of definitions, or `git:<revision>` of the one that the command is run in. A folder with models stands
 * for all that Onefold brings along; one without is added to that. Throws EngineError.
 */
export async function openVersion(name: string, only: string): Promise<Version> {
  const folder = name.startsWith(GIT) ? await checkedOut(name.slice(GIT.length), only) : resolve(name)
  const close = (): void => {
    if (name.startsWith(GIT)) rmSync(folder, { recursive: true, force: true })
  }
  try {
    if (!existsSync(join(folder, 'integrations'))) {
      throw new EngineError('config_invalid', `${name} has no folder integrations/`, {
        hint: 'Give a folder of definitions, or git:HEAD~1.',
      })
    }
    const isWhole = existsSync(join(folder, 'unified-models'))
    return { name, kit: openKit(isWhole ? { folders: [], home: folder, only } : { folders: [folder], only }), close }
  } catch (thrown) {
    close()
    throw thrown
  }
}

/** The definitions below the current folder as they were at a revision, in a folder of their own. */
async function checkedOut(revision: string, integration: string): Promise<string> {
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('git', args, { maxBuffer: MOST_BYTES }).catch((cause: unknown) => {
      const { stderr = '' } = cause as { stderr?: string }
      throw new EngineError('config_invalid', `git has no revision ${revision}: ${stderr.split('\n')[0]}`, { cause })
    })
    return stdout
  }
  const commit = (await git('rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`)).trim()
  const listed = await git(
    'ls-tree',
    '-r',
    '-z',
    '--name-only',
    commit,
    '--',
    `integrations/${integration}`,
    'unified-models',
  )
  const folder = mkdtempSync(join(tmpdir(), 'onefold-diff-'))
  for (const path of listed.split('\0').filter((one) => /\.ya?ml$/.test(one))) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, await git('show', `${commit}:./${path}`))
  }
  return folder
}
