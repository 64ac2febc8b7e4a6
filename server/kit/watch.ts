import { existsSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { SourceFile } from '../../engine/index.ts'
import { shownPath } from '../../engine/index.ts'

const SETTLE_MS = 150

/** Calls `changed` a moment after YAML below the folders was saved, never twice at once, until the signal. */
export async function watchFolders(
  folders: readonly string[],
  changed: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const saved = (_event: string, name: string | null): void => {
    if (name !== null && !/\.ya?ml$/.test(name)) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      running = running.then(changed)
    }, SETTLE_MS)
  }
  const parts = folders.flatMap((folder) => ['integrations', 'unified-models'].map((part) => join(folder, part)))
  const watchers = parts.filter((part) => existsSync(part)).map((part) => watch(part, { recursive: true }, saved))
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  for (const watcher of watchers) watcher.close()
  clearTimeout(timer)
  await running
}

/** What to play after a change: the files of cases that changed, or undefined for all when a definition did. */
export function toPlay(before: readonly SourceFile[], after: readonly SourceFile[]): ReadonlySet<string> | undefined {
  const old = new Map(before.map((file) => [shownPath(file), file.text]))
  const changed = after.filter((file) => old.get(shownPath(file)) !== file.text).map(shownPath)
  const isOnlyCases = changed.length > 0 && changed.every((path) => path.includes('/cases/'))
  return isOnlyCases && before.length === after.length ? new Set(changed) : undefined
}
