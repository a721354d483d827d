/** A canonical prefix as nft writes it: a single address without its length. */
export function elementText(prefix: string): string {
  if (prefix.includes(':')) return prefix.endsWith('/128') ? prefix.slice(0, -4) : prefix
  return prefix.endsWith('/32') ? prefix.slice(0, -3) : prefix
}
