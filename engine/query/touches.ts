/** Whether a dotted path is the other, lies below it or holds it. */
export const touches = (a: string, b: string): boolean => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)
