/**
 * Rows with several values: for each source that a row has, the numbers of the sources of its columns, as the slow path has
 * noted them: { table: u32, room: u32, number + 1, 0 where it is not known: u32 each }. Another table has other columns.
 */
import { giveBack, reserve } from "./pages";

const HEAD = 8;
let lists: usize = 0;
let room: u32 = 0;
let table: u32 = 0;

export function startColumns(): void {
  lists = 0;
  room = 0;
}

/** To be called when another table begins. */
export function forgetColumns(): void {
  table++;
}

/** Notes the source of a column. @param source of the row @param count of the columns */
export function noteColumn(source: u32, column: u32, count: u32, number: u32): void {
  if (source >= room) {
    const more = max<u32>(64, max(source + 1, room * 2));
    const bigger = reserve(more * 4);
    memory.copy(bigger, lists, room * 4);
    if (room) giveBack(lists);
    lists = bigger;
    room = more;
  }
  let list = <usize>load<u32>(lists + (source << 2));
  if (list == 0 || load<u32>(list, 4) < count) {
    if (list) giveBack(list);
    list = reserve(HEAD + count * 4);
    store<u32>(list, count, 4);
    store<u32>(list, table - 1);
    store<u32>(lists + (source << 2), u32(list));
  }
  if (load<u32>(list) != table) {
    store<u32>(list, table);
    memory.fill(list + HEAD, 0, load<u32>(list, 4) * 4);
  }
  store<u32>(list + HEAD + (column << 2), number + 1);
}

/** Where the numbers of a row's columns lie; 0 where they are not known. */
// @ts-ignore: decorator
@inline
export function columnsOf(source: u32): usize {
  if (source >= room) return 0;
  const list = <usize>load<u32>(lists + (source << 2));
  return list && load<u32>(list) == table ? list + HEAD : 0;
}
