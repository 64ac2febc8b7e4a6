type Rgb = readonly [red: number, green: number, blue: number]

/** Colours of one scheme, each `#rrggbb`. */
interface Scheme {
  /** Of buttons: stands out from the page by 3 to 1. */
  readonly accent: string
  /** Text on it, by at least 4.5 to 1. */
  readonly onAccent: string
  /** Links and outlines on the page, by at least 4.5 to 1. */
  readonly ink: string
}

const DEFAULT_COLOR = '#2d5bd7'
const WHITE: Rgb = [255, 255, 255]
const BLACK: Rgb = [10, 12, 16]
const LIGHT_PAGE: Rgb = WHITE
const DARK_PAGE: Rgb = [24, 27, 33]
const STEP = 0.04

/** The stylesheet of a brand: its colour, moved as far as it takes to be legible in light and in dark. */
export function themeCss(color: string | null): string {
  const wanted = toRgb(color ?? DEFAULT_COLOR)
  const light = rule(schemeOn(LIGHT_PAGE, BLACK, wanted))
  const dark = rule(schemeOn(DARK_PAGE, WHITE, wanted))
  return `:root{${light}}\n@media (prefers-color-scheme:dark){:root{${dark}}}\n`
}

const rule = ({ accent, onAccent, ink }: Scheme): string =>
  `--accent:${accent};--on-accent:${onAccent};--accent-ink:${ink}`

function schemeOn(page: Rgb, away: Rgb, wanted: Rgb): Scheme {
  const accent = movedUntil(wanted, away, (color) => contrast(color, page) >= 3)
  const ink = movedUntil(wanted, away, (color) => contrast(color, page) >= 4.5)
  const onAccent = contrast(WHITE, accent) >= contrast(BLACK, accent) ? WHITE : BLACK
  const legible = movedUntil(accent, onAccent === WHITE ? BLACK : WHITE, (color) => contrast(onAccent, color) >= 4.5)
  return { accent: toHex(legible), onAccent: toHex(onAccent), ink: toHex(ink) }
}

/** The first colour on the way from one to another that will do. */
function movedUntil(from: Rgb, to: Rgb, willDo: (color: Rgb) => boolean): Rgb {
  for (let share = 0; share < 1; share += STEP) {
    const color = mixed(from, to, share)
    if (willDo(color)) return color
  }
  return to
}

const mixed = (from: Rgb, to: Rgb, share: number): Rgb => {
  const [red, green, blue] = from.map((value, at) => Math.round(value + ((to[at] ?? 0) - value) * share))
  return [red ?? 0, green ?? 0, blue ?? 0]
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2). */
function contrast(one: Rgb, other: Rgb): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(color: Rgb): number {
  const [red = 0, green = 0, blue = 0] = color.map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function toRgb(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}

const toHex = (color: Rgb): string => `#${color.map((value) => value.toString(16).padStart(2, '0')).join('')}`
