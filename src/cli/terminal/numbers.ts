/** A decimal number with commas as thousands separators, `1,234,567.1234567`. The fraction is not grouped. */
export function grouped(number: number | string): string {
  const [whole, ...fraction] = String(number).split(".");
  return [whole!.replace(/\B(?=(\d{3})+$)/g, ","), ...fraction].join(".");
}

/** `1 reading`, `1,234 readings`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}
