import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { TestContext } from 'vitest'

/** The reason of a test whose real-world material is not beside the checkout. */
export const ABSENT = 'shared data not present'

const FOLDER = resolve(import.meta.dirname, '../../../shared/data')

/** The path of a file of the shared real-world material beside the checkout; skips the calling test when it is absent. */
export function sharedData(context: TestContext, name: string): string {
  const path = join(FOLDER, name)
  if (!existsSync(path)) context.skip(`${ABSENT}: ${name}`)
  return path
}
