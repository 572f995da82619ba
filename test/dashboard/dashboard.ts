/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The page as somebody in front of it has it: by names, texts and numbers, never by what is inside. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ElementHandle, HTTPRequest, Page } from "puppeteer-core";
import { until } from "../wait.mjs";

/** Milliseconds between two looks at a page, which each cost the browser a layout. */
const LOOK = 40;

/** Waits until something can be read and passes; where it never does, says what the last reading failed with. */
export async function eventually<T>(what: string, read: () => Promise<T>, check: (value: T) => void): Promise<T> {
  let last: unknown;
  let value: T | undefined;
  try {
    const passes = async () => {
      try {
        value = await read();
        check(value);
        return true;
      } catch (error) {
        last = error;
        return false;
      }
    };
    await until(what, passes, LOOK);
  } catch (error) {
    throw last ?? error;
  }
  return value as T;
}

export class Dashboard {
  /** Scripts, styles or other things that the policy stopped, errors of the script, and messages that say so. */
  readonly violations: string[] = [];
  /** What was asked of the API: path and query, in order. */
  readonly asked: string[] = [];

  constructor(readonly page: Page) {
    page.on("pageerror", (error) => this.violations.push(`error: ${String(error)}`));
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warn") return;
      // Chromium reports each refused request as an error of its own; pages show those to people.
      if (!message.text().startsWith("Failed to load resource")) this.violations.push(message.text());
    });
    page.on("request", (request: HTTPRequest) => {
      const { pathname, search } = new URL(request.url());
      if (pathname.startsWith("/v1/")) this.asked.push(pathname + search);
    });
  }

  /** The text of the first element that fits, as it is shown; `undefined`: there is none. */
  async text(selector: string): Promise<string | undefined> {
    return (await this.texts(selector))[0];
  }

  /** The texts of all elements that fit. */
  async texts(selector: string): Promise<string[]> {
    return (await this.cells(selector, ":scope")).flat();
  }

  /** The rows of a table, the head's first. */
  rows(table: string): Promise<string[][]> {
    return this.cells(`${table} tr`, "th, td");
  }

  /** Of each element that fits, the texts of those in it: what is shown, not what is hidden. */
  private cells(outer: string, inner: string): Promise<string[][]> {
    return this.page.evaluate(
      (outer, inner) =>
        Array.from(document.querySelectorAll<HTMLElement>(outer), (element) =>
          (inner === ":scope" ? [element] : Array.from(element.querySelectorAll<HTMLElement>(inner))).map((found) =>
            // biome-ignore lint/performance/useDomNodeTextContent: textContent has what is hidden, too
            found.innerText.replace(/\s+/g, " ").trim(),
          ),
        ),
      outer,
      inner,
    );
  }

  /** A figure's large value and what stands below it. */
  async figure(id: string): Promise<{ value: string | undefined; label: string | undefined }> {
    const at = `[data-testid="figure-${id}"]`;
    return { value: await this.text(`${at} strong`), label: await this.text(`${at} .label`) };
  }

  /** What has this role and name, as a screen reader hears them. */
  async control(role: string, name: string): Promise<ElementHandle<Element>> {
    let found: ElementHandle<Element> | null = null;
    const there = async () => {
      found = await this.page.$(`::-p-aria([name="${name}"][role="${role}"])`);
      return found !== null;
    };
    await until(`a ${role} ${name}`, there, LOOK);
    return found as unknown as ElementHandle<Element>;
  }

  /** Clicks a button. */
  async click(name: string, role = "button"): Promise<void> {
    await this.press(await this.control(role, name));
  }

  /** Clicks what the first element is that fits, once it is there. */
  async clickOn(selector: string): Promise<void> {
    await this.press(await this.page.waitForSelector(selector));
  }

  /** Clicks, once nothing lies over it. Found and clicked in one step: charts that come meanwhile do not move it away. */
  private async press(element: ElementHandle<Element> | null): Promise<void> {
    const clicked = () =>
      element!.evaluate((element) => {
        element.scrollIntoView({ block: "center", behavior: "instant" });
        const { x, y, width, height } = element.getBoundingClientRect();
        const top = document.elementFromPoint(x + width / 2, y + height / 2);
        if (top === null || !element.contains(top)) return false;
        (element as HTMLElement).focus({ preventScroll: true });
        (element as HTMLElement).click();
        return true;
      });
    await until("nothing lies over what is clicked", clicked, LOOK);
  }

  /** Writes into a field, as by typing, and leaves it. */
  async write(name: string, text: string, role = "textbox"): Promise<void> {
    const field = await this.control(role, name);
    await field.evaluate((field) => (field as HTMLInputElement).select());
    await this.page.keyboard.press("Backspace");
    await field.type(text);
    await this.page.keyboard.press("Tab");
  }

  /** Chooses an entry of a list by its value. */
  async choose(name: string, value: string): Promise<void> {
    await (await this.control("combobox", name)).select(value);
  }

  /** The head and the rows of a chart's table, which is shown for it if it is not yet. */
  async table(chart: string): Promise<string[][]> {
    const at = `.chart-${chart}`;
    await this.page.waitForSelector(`${at} .tools`);
    if ((await this.page.$(`${at} table`)) === null) await this.clickOn(`${at} .tools button[aria-expanded]`);
    await this.page.waitForSelector(`${at} table`);
    return this.rows(`${at} table`);
  }

  /** What the address says of the view. */
  async view(): Promise<Record<string, string>> {
    return Object.fromEntries(new URLSearchParams(await this.page.evaluate(() => location.hash.slice(1))));
  }

  /** Changes what is after the `#`, as by a link or by typing. */
  async go(view: string): Promise<void> {
    await this.page.evaluate((view) => {
      location.hash = view;
    }, view);
  }

  /** Where something is on the screen, scrolled to. */
  async place(selector: string): Promise<{ x: number; y: number; width: number; height: number }> {
    const found = await this.page.waitForSelector(selector);
    await found?.scrollIntoView();
    const box = await found?.boundingBox();
    if (box === null || box === undefined) throw new Error(`${selector} is nowhere on the screen`);
    return box;
  }

  /** What the browser saves when something is done. */
  async download(act: () => Promise<void>): Promise<Buffer> {
    const folder = mkdtempSync(join(tmpdir(), "electro-download-"));
    const session = await this.page.createCDPSession();
    try {
      await session.send("Browser.setDownloadBehavior", {
        behavior: "allow",
        ...(this.page.browserContext().id !== undefined && { browserContextId: this.page.browserContext().id }),
        downloadPath: folder,
      } as never);
      await act();
      // Until it is complete, the browser keeps it under another name.
      const there = () =>
        readdirSync(folder).find((name) => name.startsWith("electro-") && !name.endsWith(".crdownload"));
      await until("a saved file", () => there() !== undefined);
      return readFileSync(join(folder, there()!));
    } finally {
      await session.detach();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** How many colours a picture has. */
  colours(png: Buffer): Promise<number> {
    return this.page.evaluate(async (data) => {
      const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext("2d")!;
      context.drawImage(bitmap, 0, 0);
      return new Set(new Uint32Array(context.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer)).size;
    }, png.toString("base64"));
  }

  /** Puts files into the field for files. */
  async drop(...files: { name: string; text: string; type?: string }[]): Promise<void> {
    await this.page.waitForSelector(".upload");
    // As a system's file manager does: the page gets a transfer with files, and no path.
    await this.page.evaluate((files) => {
      const transfer = new DataTransfer();
      for (const { name, text } of files) transfer.items.add(new File([text], name));
      const event = (type: string) => new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
      document.body.dispatchEvent(event("dragover"));
      document.body.dispatchEvent(event("drop"));
    }, files);
  }
}
