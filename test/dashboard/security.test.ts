// slow: a browser
import { afterAll, beforeAll, expect, test } from "vitest";
import { inBrowser, open } from "./browser.js";
import { eventually } from "./dashboard.js";
import { showsTotal, totalOf } from "./expected.js";
import { type PageService, startService } from "./service.js";
import { day } from "./site.js";

const MONDAY = day("2024-06-03", "mill", 2);
const HOSTILE = [
  `<img src=x onerror="document.title='hacked'">`,
  "<script>document.title='hacked'</script>",
  "javascript:document.title='hacked'",
  '=HYPERLINK("http://x")',
  "../../etc/passwd?a=b&source=other#x",
  "a\u202Egnp.exe",
  "#{7*7}{{7*7}}",
  "__proto__",
];

/** What would turn the text around it is written out. */
const shown = (id: string) => id.replace("\u202E", "\\u202e");

inBrowser("the page and who may not be trusted", () => {
  let service: PageService;
  beforeAll(async () => {
    service = await startService({
      reader: ["--scope", "read"],
      all: ["--scope", "read,write,admin"],
      sender: ["--scope", "write"],
      leaver: ["--scope", "read"],
      tenant: ["--scope", "read", "--source", "mill"],
    });
    const headers = { authorization: `Bearer ${service.tokens["all"]}` };
    const answer = await service.send("POST", "/v1/readings", MONDAY, headers);
    expect(answer.status, answer.text).toBe(201);
  });
  afterAll(() => service.end());

  async function signIn(name: string, view?: string) {
    const page = await open(service.address, view === undefined ? {} : { view });
    await page.write("Token", service.tokens[name]!);
    await page.click("Sign in");
    return page;
  }

  test("the policy allows the page's own script and style only, and nothing that it does is against it", async () => {
    const { headers } = await service.send("GET", "/");
    const policy = new Map(
      headers
        .get("content-security-policy")!
        .split(";")
        .map((part) => part.trim().split(/ (.*)/) as [string, string]),
    );
    expect(policy.get("default-src")).toBe("'none'");
    expect(policy.get("script-src")).toBe("'self'");
    expect(policy.get("style-src")).toBe("'self'");
    expect(policy.get("connect-src")).toBe("'self'");
    expect(policy.get("base-uri")).toBe("'none'");
    expect(policy.get("form-action")).toBe("'none'");
    expect(policy.get("frame-ancestors")).toBe("'none'");
    expect([...policy.values()].join()).not.toMatch(/unsafe|\*|https?:/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");

    const page = await signIn("all");
    await showsTotal(page, totalOf(MONDAY));
    for (const chart of ["bars", "hours", "heat", "typical", "duration"]) await page.table(chart);
    // What somebody would try from the address or the console.
    const ran = await page.page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'hacked'";
      document.body.append(script);
      return document.title;
    });
    expect(ran).toBe("Electro");
    expect(page.violations).toEqual([expect.stringContaining("Content Security Policy")]);
  });

  test("a token is asked for, a wrong one is said to be wrong, and the right one is kept for this tab only", async () => {
    const page = await open(service.address);
    expect(await page.text("main")).toContain("This service asks for a token");
    expect(await page.texts(".error")).toEqual([]);
    await page.write("Token", "not-a-token");
    await page.click("Sign in");
    await eventually(
      "that it is wrong",
      () => page.texts(".error"),
      (found) => expect(found).toHaveLength(1),
    );
    await page.write("Token", service.tokens["reader"]!);
    await page.click("Sign in");
    await showsTotal(page, totalOf(MONDAY));
    // From now on the page follows the store.
    const all = { authorization: `Bearer ${service.tokens["all"]}` };
    const { json } = await service.send("POST", "/v1/readings", day("2024-06-04", "mill", 1), all);
    await showsTotal(page, totalOf(MONDAY, day("2024-06-04", "mill", 1)));
    await service.send("DELETE", `/v1/batches/${json.batch_id}`, undefined, all);
    await showsTotal(page, totalOf(MONDAY));
    await page.page.reload();
    await showsTotal(page, totalOf(MONDAY));
    expect(await page.page.evaluate(() => [localStorage.length, document.cookie])).toEqual([0, ""]);
    expect(await page.page.evaluate(() => location.href)).not.toContain(service.tokens["reader"]);

    const other = await page.page.browserContext().newPage();
    await other.goto(service.address);
    await other.waitForSelector("input[type=password]");
    await other.close();
  });

  test("a token without `write` may look at the page, but neither adds nor takes back", async () => {
    const page = await signIn("reader");
    await showsTotal(page, totalOf(MONDAY));
    await page.drop({ name: "more.ndjson", text: day("2024-06-04", "mill", 1) });
    await eventually(
      "that it may not",
      () => page.text(".files"),
      (text) => expect(text).toContain("Your token may not add readings. You can look at the file without keeping it."),
    );
    expect(await page.texts(".files .actions button")).toEqual(["Only look at it"]);
    await page.click("Only look at it");
    await showsTotal(page, totalOf(day("2024-06-04", "mill", 1)));
    await page.click("Back to the store");
    await showsTotal(page, totalOf(MONDAY));
    await page.clickOn(".ledger tbody button");
    await eventually(
      "the question",
      () => page.texts("dialog[open]"),
      (found) => expect(found).toHaveLength(1),
    );
    await page.clickOn("dialog[open] button.danger");
    await eventually(
      "why not",
      () => page.texts("dialog[open] .error"),
      (found) => expect(found).toHaveLength(1),
    );
    await showsTotal(page, totalOf(MONDAY));
  });

  test("a token that is limited to some sources shows these, and one that may only send says what it lacks", async () => {
    const page = await signIn("tenant");
    await showsTotal(page, totalOf(MONDAY));
    expect(page.violations).toEqual([]);
    const sender = await signIn("sender");
    await eventually(
      "what it lacks",
      () => sender.texts("[role=alert], .error"),
      (found) => expect(found.join()).toMatch(/read/),
    );
    // Another token can be given at once.
    await sender.write("Token", service.tokens["tenant"]!);
    await sender.click("Sign in");
    await showsTotal(sender, totalOf(MONDAY));
  });

  test("a token that is revoked while the page is open is asked for again, and the view is kept", async () => {
    const page = await signIn("leaver");
    await showsTotal(page, totalOf(MONDAY));
    await service.revoke("leaver");
    await page.page.keyboard.press("m");
    await eventually(
      "that it is no longer known",
      () => page.text(".error"),
      (text) => expect(text).toContain("revoked"),
    );
    // Nothing stays that would be taken for the month.
    expect(await page.texts(".figures")).toEqual([]);
    await page.write("Token", service.tokens["reader"]!);
    await page.click("Sign in");
    await showsTotal(page, totalOf(MONDAY));
    expect(await page.view()).toMatchObject({ from: "2024-06-01", to: "2024-06-30" });
  });

  test("a malicious source id and a malicious file name show as text", async () => {
    const headers = { authorization: `Bearer ${service.tokens["all"]}` };
    const body = HOSTILE.map((id, n) => day("2024-06-03", id, n + 1)).join("\n");
    const { status, text } = await service.send("POST", "/v1/readings", body, headers);
    expect(status, text).toBe(201);
    const page = await signIn("all");
    const names = await eventually(
      "all sources",
      () => page.texts(".sources tbody th"),
      (found) => expect(found).toHaveLength(HOSTILE.length + 1),
    );
    expect([...names].sort()).toEqual([...HOSTILE.map(shown), "mill"].sort());
    for (const [n, id] of HOSTILE.entries()) {
      await page.go(`source=${encodeURIComponent(id)}`);
      await showsTotal(page, totalOf(day("2024-06-03", id, n + 1)));
      await eventually(
        "its name",
        () => page.texts(".chips li"),
        (found) => expect(found).toEqual([`${shown(id)} ×`]),
      );
    }
    const two = HOSTILE.slice(0, 2);
    await page.go(two.map((id) => `source=${encodeURIComponent(id)}`).join("&"));
    await eventually(
      "a legend",
      () => page.texts(".chart-bars .legend li"),
      (found) => expect(found).toEqual(two),
    );

    const name = `<img src=x onerror=alert(1)>"'&.csv`;
    await page.drop({ name, text: `timestamp,kWh_value,meter_id\n2024-06-03T00:00:00Z,<b>1</b>,x\n` });
    await eventually(
      "the file's name",
      () => page.text(".files strong"),
      (found) => expect(found).toBe(name),
    );
    await eventually(
      "the bad value",
      () => page.text(".rejects li"),
      (found) => expect(found).toContain("<b>1</b>"),
    );
    expect(await page.page.evaluate(() => document.querySelectorAll("#app img, #app script, #app b").length)).toBe(0);
    expect(await page.page.title()).toBe("Electro");
    expect(page.violations).toEqual([]);
  });
});
