/** The bytes of one of the contents that churn.ts stores: some thousand, of its number alone. */
export function churnBytes(index: number): Buffer {
  return Buffer.from(`content ${index};`.repeat(100 + 40 * index));
}
