/** Which inputs were recognised, and as what. */

/** An input that was read by a profile that nobody named. */
export interface ReadAs {
  /** The input's. */
  readonly name: string;
  readonly profile: string;
}

/** Its parameters name no types of the pipeline: those would need types that users of the library may lack. */
export function readAsOf(
  inputs: readonly { readonly name: string; readonly known: number }[],
  { known: tables }: { readonly known: readonly { readonly name: string }[] },
): ReadAs[] {
  return inputs.flatMap(({ name, known }) => {
    const table = known > 0 ? tables[known - 1] : undefined;
    return table === undefined ? [] : [{ name, profile: table.name }];
  });
}
