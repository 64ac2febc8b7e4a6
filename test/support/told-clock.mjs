// A time for a process of its own: it moves when it is told to.
let now = 0
let sleepers = []
let slept = 0

/** A clock of the server. */
export const clock = {
  now: () => now,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const leave = () => {
        sleepers = sleepers.filter((one) => one !== sleeper)
        reject(signal.reason)
      }
      const wake = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const sleeper = { at: now + ms, wake }
      slept += 1
      sleepers.push(sleeper)
      if (signal?.aborted) leave()
      else signal?.addEventListener('abort', leave, { once: true })
    }),
}

/** Moves it on to an instant (epoch ms), never back. */
export function setTo(instant) {
  now = Math.max(now, instant)
}

/** Wakes who is due. */
export function wake() {
  const due = sleepers.filter(({ at }) => at <= now)
  sleepers = sleepers.filter(({ at }) => at > now)
  for (const sleeper of due) sleeper.wake()
}

/** When the next who sleeps is due (null: nobody), and how often anybody fell asleep. */
export const sleeping = () => ({
  next: sleepers.length === 0 ? null : Math.min(...sleepers.map(({ at }) => at)),
  slept,
})
