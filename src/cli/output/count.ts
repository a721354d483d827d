/** `1 rule`, `2 rules`, `1,200 rules`; `entry`, `entries` with its own plural. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`
}

/** The first few of a list, and how many there are besides: `a, b and 5 more`. */
export function listed(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(', ')
  const more = names.length - most
  return more > 0 ? `${shown} and ${more.toLocaleString('en-US')} more` : shown
}
