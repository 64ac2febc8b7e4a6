import { setTimeout as sleep } from 'node:timers/promises'
import { type SourceFile, shownPath } from '../../engine/index.ts'
import { findDefinitions } from '../definitions.ts'

const LOOK_MS = 300

/** What the definition files below folders look like from outside: their places, sizes and times. */
export const stampOf = (folders: readonly string[]): string =>
  findDefinitions(folders.map((path) => ({ path, root: path })))
    .map(({ place, size, mtimeMs }) => `${place} ${size} ${mtimeMs}`)
    .join('\n')

/**
 * Calls `changed` whenever the files do not look as they did, one call at a time, until the signal. `seen` is how they
 * looked before they were read, so that no save falls between.
 */
export async function watchFolders(
  folders: readonly string[],
  seen: string,
  changed: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let last = seen
  while (!signal.aborted) {
    const now = stampOf(folders)
    if (now !== last) {
      last = now
      await changed()
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** What to play after a change: the files of cases that changed, or undefined for all when a definition did. */
export function toPlay(before: readonly SourceFile[], after: readonly SourceFile[]): ReadonlySet<string> | undefined {
  const old = new Map(before.map((file) => [shownPath(file), file.text]))
  const changed = after.filter((file) => old.get(shownPath(file)) !== file.text).map(shownPath)
  const isOnlyCases = changed.length > 0 && changed.every((path) => path.includes('/cases/'))
  return isOnlyCases && before.length === after.length ? new Set(changed) : undefined
}
