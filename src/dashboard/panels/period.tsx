/** The bar above all: the period, the zone, the comparison, the sources, what energy is shown as. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ExportRule } from "../data/data.js";
import { type Days, earlier, lengthOf, moved, type Span, spanAround, spanOf } from "../days.js";
import { days as daysText } from "../format.js";
import { type Comparison, EXPORT_RULES, isZone, type Measure, type View } from "../view.js";

interface PeriodProps {
  readonly view: View;
  readonly period: Days;
  /** The days with readings. */
  readonly extent: Days;
  readonly change: (change: Partial<View>) => void;
  /** A report's zone, which it was made with; `undefined`: the view's, which can be chosen. */
  readonly fixedZone: string | undefined;
}

const SPANS: readonly Span[] = ["day", "week", "month", "year"];
const NAMES: Readonly<Record<Span, string>> = { day: "Day", week: "Week", month: "Month", year: "Year" };

/** How export counts. */
const COUNTS: Readonly<Record<ExportRule, string>> = {
  subtract: "taken from consumption",
  add: "added to consumption",
  skip: "left out",
};

export function Period({ view, period, extent, change, fixedZone }: PeriodProps) {
  const span = spanOf(period);
  const go = (days: Days) => change({ ...days, dayFrom: undefined, dayTo: undefined });
  // A preset keeps the end of what is shown, as far as there are readings.
  const anchor = earlier(period.to, extent.to);
  const all = period.from === extent.from && period.to === extent.to;
  const [open, setOpen] = useState(false);
  return (
    <div class={open ? "period open" : "period"}>
      <fieldset class="steps">
        <legend class="away">Move the period</legend>
        <button type="button" aria-label="Earlier" title="Earlier (←)" onClick={() => go(moved(period, -1))}>
          ◂
        </button>
        <DayRange period={period} go={go} />
        <button type="button" aria-label="Later" title="Later (→)" onClick={() => go(moved(period, 1))}>
          ▸
        </button>
      </fieldset>
      <fieldset class="choices">
        <legend class="away">Length of the period</legend>
        {SPANS.map((one) => (
          <button type="button" key={one} aria-pressed={span === one} onClick={() => go(spanAround(anchor, one))}>
            {NAMES[one]}
          </button>
        ))}
        <button type="button" aria-pressed={all} onClick={() => go(extent)}>
          All
        </button>
      </fieldset>
      <button type="button" class="fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? "Fewer options" : "More options"}
      </button>
      <label>
        <span>Compare with</span>
        <select
          value={span === "year" && view.compare === "year" ? "previous" : view.compare}
          onChange={(event) => change({ compare: event.currentTarget.value as Comparison })}
        >
          <option value="none">nothing</option>
          <option value="previous">
            {span === undefined ? `${lengthOf(period)} days before` : `the ${span} before`}
          </option>
          {span === "year" ? undefined : <option value="year">the year before</option>}
        </select>
      </label>
      <Zone view={view} change={change} fixed={fixedZone} />
      {view.export === undefined ? undefined : (
        <label>
          <span>Export</span>
          <select value={view.export} onChange={(event) => change({ export: event.currentTarget.value as ExportRule })}>
            {EXPORT_RULES.map((rule) => (
              <option value={rule} key={rule}>
                {COUNTS[rule]}
              </option>
            ))}
          </select>
        </label>
      )}
      <Shown view={view} change={change} />
    </div>
  );
}

function DayRange({ period, go }: { period: Days; go: (days: Days) => void }) {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const [days, setDays] = useState(period);
  useEffect(() => setDays(period), [period.from, period.to]);
  useEffect(() => {
    if (!open) return;
    place.current?.querySelector("input")?.focus();
    const close = (event: MouseEvent) => {
      if (!place.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("mousedown", close);
    return () => document.removeEventListener("mousedown", close);
  }, [open]);
  const good = days.from !== "" && days.to !== "" && days.from <= days.to;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!good) return;
    setOpen(false);
    go(days);
  };
  return (
    <div class="day-range" ref={place}>
      <button type="button" class="range" aria-expanded={open} onClick={() => setOpen(!open)} data-testid="period">
        {daysText(period)} <span aria-hidden="true">▾</span>
      </button>
      {open ? (
        <form
          class="pop"
          onSubmit={submit}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.stopPropagation();
            setOpen(false);
          }}
        >
          <label>
            <span>From</span>
            <input
              type="date"
              value={days.from}
              required
              onInput={(event) => setDays({ ...days, from: event.currentTarget.value })}
            />
          </label>
          <label>
            <span>To, inclusive</span>
            <input
              type="date"
              value={days.to}
              required
              onInput={(event) => setDays({ ...days, to: event.currentTarget.value })}
            />
          </label>
          <button type="submit" class="main" disabled={!good}>
            Show
          </button>
          {good ? undefined : <p class="error">The first day must not be after the last.</p>}
        </form>
      ) : undefined}
    </div>
  );
}

function Zone({ view, change, fixed }: Pick<PeriodProps, "view" | "change"> & { fixed: string | undefined }) {
  const [text, setText] = useState(view.timezone);
  const [wrong, setWrong] = useState<string>();
  useEffect(() => {
    setText(view.timezone);
    setWrong(undefined);
  }, [view.timezone]);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (fixed !== undefined) return <span class="fixed">{fixed}</span>;
  const take = () => {
    const name = text.trim();
    const known = name === "" || isZone(name);
    setWrong(known ? undefined : name);
    if (name === "") setText(view.timezone);
    else if (known && name !== view.timezone) change({ timezone: name });
  };
  return (
    <label>
      <span>Time zone</span>
      <input
        list="zones"
        value={text}
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
        onChange={take}
        onFocus={(event) => event.currentTarget.select()}
      />
      <datalist id="zones">
        {["UTC", own, ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== own)].map((zone) => (
          <option value={zone} key={zone} />
        ))}
      </datalist>
      {wrong === undefined ? undefined : (
        <span class="error" role="alert">
          There is no time zone {wrong}.
        </span>
      )}
    </label>
  );
}

/** A short text, which stays as it is typed while the page is drawn again with what comes meanwhile. */
function Short({
  name,
  value,
  take,
  ...more
}: {
  name: string;
  value: string;
  /** Whether the text is good. */
  take: (text: string) => boolean;
  inputMode?: "decimal";
  maxLength?: number;
}) {
  const [text, setText] = useState(value);
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    setText(value);
  }
  return (
    <label>
      <span>{name}</span>
      <input
        class="short"
        {...more}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onChange={(event) => {
          if (!take(event.currentTarget.value)) setText(value);
        }}
      />
    </label>
  );
}

function Shown({ view, change }: Pick<PeriodProps, "view" | "change">) {
  const { measure, price, currency, co2 } = view;
  const decimal = /^\d{1,9}(\.\d{1,9})?$/;
  const take = (name: "price" | "co2", text: string) => {
    const value = text.replace(",", ".");
    const isDecimal = decimal.test(value);
    if (isDecimal) change({ [name]: value });
    return isDecimal;
  };
  return (
    <>
      <label>
        <span>Show</span>
        <select value={measure} onChange={(event) => change({ measure: event.currentTarget.value as Measure })}>
          <option value="energy">energy</option>
          <option value="cost">cost</option>
          <option value="co2">CO₂</option>
        </select>
      </label>
      {measure === "cost" ? (
        <>
          <Short name="Price of a kWh" value={price} inputMode="decimal" take={(text) => take("price", text)} />
          <Short
            name="Currency"
            value={currency}
            maxLength={3}
            take={(text) => {
              const code = text.toUpperCase();
              const isCode = /^[A-Z]{3}$/.test(code);
              if (isCode) change({ currency: code });
              return isCode;
            }}
          />
        </>
      ) : undefined}
      {measure === "co2" ? (
        <Short name="kg CO₂ of a kWh" value={co2} inputMode="decimal" take={(text) => take("co2", text)} />
      ) : undefined}
    </>
  );
}
