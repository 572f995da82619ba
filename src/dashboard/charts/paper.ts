/** Charts on paper: drawn as wide as a page is, so that their words are as large there as beside them. */

/** Width in pixels that a page has for a chart. */
const PAGE_WIDTH = 700;

/**
 * Calls `resize` with the width of a page before the window is printed, and with `undefined` after that.
 * @returns ends that
 */
export function whenPrinted(resize: (width: number | undefined) => void): () => void {
  const before = () => resize(PAGE_WIDTH);
  const after = () => resize(undefined);
  addEventListener("beforeprint", before);
  addEventListener("afterprint", after);
  return () => {
    removeEventListener("beforeprint", before);
    removeEventListener("afterprint", after);
  };
}
