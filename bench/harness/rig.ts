import { type Child, processScript, start } from './child.ts'
import type { Driver } from './load.ts'
import type { Usage } from './usage.ts'

/** Things to close, last opened first; what fails does not keep the rest open. */
export class Closing {
  readonly #closers: (() => unknown)[] = []

  /** Answers what it was given. */
  add<T>(thing: T, close: (thing: T) => unknown): T {
    this.#closers.unshift(() => close(thing))
    return thing
  }

  async close(): Promise<void> {
    const failures: unknown[] = []
    for (const close of this.#closers.splice(0)) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  /** Runs the opening of a rig; closes what was opened when it fails. */
  async guard<T>(open: () => Promise<T>): Promise<T> {
    try {
      return await open()
    } catch (error) {
      await this.close()
      throw error
    }
  }
}

/** A running upstream. */
export interface Upstream {
  readonly origin: string
  /** The targets that a call asks for. */
  targetsOf(call: () => Promise<unknown>): Promise<readonly string[]>
}

/** Starts a process of the benches. */
export const startProcess = (closing: Closing, name: string): Child =>
  closing.add(start({ script: processScript(name) }), (child) => child.close())

/** Starts the upstream in a process of its own; `isSpoiled`: its records have fields that fail. */
export async function startUpstream(closing: Closing, isSpoiled = false): Promise<Upstream> {
  const child = startProcess(closing, 'upstream')
  if (isSpoiled) await child.ask('spoil')
  const origin = await child.ask<string>('listen')
  return {
    origin,
    async targetsOf(call) {
      await child.ask('watch')
      await call()
      return child.ask<readonly string[]>('seen')
    },
  }
}

/** CPU per call of a process that serves HTTP, in milliseconds, with `lanes` requests under way. */
export async function servedCpu(child: Child, driver: Driver, ms: number, lanes: number): Promise<number> {
  await child.ask('start')
  const { calls } = await driver.drive(ms, lanes)
  const { cpuMs } = await child.ask<Usage>('stop')
  return cpuMs / calls
}
