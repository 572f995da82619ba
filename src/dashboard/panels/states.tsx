/** What is shown instead of charts: the way in, an empty store, something that went wrong. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { ExportRule, Refusal } from "../data/data.js";
import { visible } from "../format.js";
import { EXPORT_RULES } from "../view.js";

export function SignIn({ refusal, enter }: { refusal: Refusal; enter: (token: string) => void }) {
  const [token, setToken] = useState("");
  return (
    <main class="state">
      <h1>Electro</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== "") enter(token.trim());
        }}
      >
        <p>This service asks for a token. It is kept for this tab, until you close it.</p>
        <label>
          <span>Token</span>
          <input
            type="password"
            autocomplete="off"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="main">
          Sign in
        </button>
        {refusal.code === "not_authorised" && refusal.message.startsWith("Send a token") ? undefined : (
          <p class="error">{refusal.message}</p>
        )}
        <p class="quiet">Whoever runs the service makes one with electro token add NAME --scope read.</p>
      </form>
    </main>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  const address = location.origin;
  return (
    <main class="state">
      <h1>Electro</h1>
      <p>There are no readings yet. Drop a file with some here, or send one from a terminal:</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse must be able to scroll it */}
      <pre tabIndex={0}>
        <code>{`curl ${address}/v1/readings -H 'Content-Type: application/json' \\\n  -d '[{"timestamp": "2024-01-31T13:00:00Z", "kWh_value": 0.3, "meter_id": "m1"}]'`}</code>
      </pre>
      {children}
      <p class="quiet">
        <a href="docs">All calls of this service</a>
      </p>
    </main>
  );
}

/** A report, or a file that is looked at, without a reading. */
export function Nothing({ lines, children }: { lines: readonly string[]; children?: ComponentChildren }) {
  return (
    <main class="state">
      <h1>Electro</h1>
      <p>There are no readings here.</p>
      {lines.map((line) => (
        <p class="quiet" key={line}>
          {visible(line)}
        </p>
      ))}
      {children}
    </main>
  );
}

const CHOICES: Readonly<Record<ExportRule, string>> = {
  subtract: "Take export from consumption",
  add: "Add both",
  skip: "Leave export out",
};

/** What is asked where the readings are of both kinds. */
export function ExportChoice({ choose }: { choose: (rule: ExportRule) => void }) {
  return (
    <fieldset class="export-choice">
      <legend>These readings are of consumption and of export. What are their sums to be?</legend>
      {EXPORT_RULES.map((rule) => (
        <button type="button" key={rule} onClick={() => choose(rule)}>
          {CHOICES[rule]}
        </button>
      ))}
    </fieldset>
  );
}

/** @param children what can be done about it, which says what is the matter */
export function Failure({ refusal, children }: { refusal: Refusal; children?: ComponentChildren }) {
  return (
    <main class="state">
      <h1>Electro</h1>
      {children ?? (
        <p class="error" role="alert">
          {refusal.message}
        </p>
      )}
      {refusal.code === "unknown_zone" || refusal.code === "bad_parameter" ? (
        <p>
          <a href="./">Begin with a fresh view</a>
        </p>
      ) : undefined}
    </main>
  );
}
