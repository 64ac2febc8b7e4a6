import { relative } from 'node:path'
import { EngineError } from '../../engine/index.ts'

/** Runs what a command does; its exit code is the answer. Faults of the caller are told on stderr and exit with 2, others with 1. */
export async function answering(work: () => number | Promise<number>): Promise<void> {
  try {
    process.exitCode = await work()
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const { code, message, details } = error
    console.error(`${code}: ${message}${details.hint === undefined ? '' : `\nhint: ${details.hint}`}`)
    process.exitCode = ['invalid_request', 'config_invalid', 'definition_invalid'].includes(code) ? 2 : 1
  }
}

/** A path as it is shown: from where the command runs. */
export function shown(path: string): string {
  const way = relative(process.cwd(), path)
  return way === '' ? '.' : way.startsWith('../../..') ? path : way
}

/** A number with its word. */
export const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
