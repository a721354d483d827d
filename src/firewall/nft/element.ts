/** A canonical prefix as nft writes it: a single address without its length. */
export function elementText(prefix: string): string {
  return prefix.replace(/^([^:]*)\/32$|^(.*:.*)\/128$/, '$1$2')
}
