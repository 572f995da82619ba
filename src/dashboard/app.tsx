/** The page: it knows the view, asks for what the view needs, and lays the answers out from "how much" to "can I trust it". */
import { useCallback, useMemo, useState } from "preact/hooks";
import { Bars } from "./charts/bars.js";
import { Duration } from "./charts/duration.js";
import { HeatMap } from "./charts/heat-map.js";
import { Hours } from "./charts/hours.js";
import { TypicalDay } from "./charts/typical-day.js";
import type { Data, ProfileDocument, Question, Row } from "./data/data.js";
import { Service } from "./data/service.js";
import { type Days, lengthOf, type Span, spanAround } from "./days.js";
import { days as daysText, scaleOf, visible } from "./format.js";
import { Figures } from "./panels/figures.js";
import { Ledger } from "./panels/ledger.js";
import { Period } from "./panels/period.js";
import { Quality } from "./panels/quality.js";
import { Sources } from "./panels/sources.js";
import { Empty, ExportChoice, Failure, Nothing, SignIn } from "./panels/states.js";
import { Upload } from "./panels/upload.js";
import { barWidth, beforeOf, daysOf, hourDaysOf, layersOf, periodOf } from "./period.js";
import { useAsk } from "./use-ask.js";
import { useChanges } from "./use-changes.js";
import { useKeys } from "./use-keys.js";
import { useView } from "./use-view.js";

/** Refusals that another token may end. */
const OTHER_TOKEN = new Set(["not_authorised", "token_expired", "missing_scope"]);
/** Days whose quarter hours can be told apart. */
const QUARTER_DAYS = 8;

export function App({
  first,
  looked,
}: {
  first: Data;
  looked: (file: File, service: Service, zone: string) => Promise<Data>;
}) {
  const [view, change] = useView();
  const [version, setVersion] = useState(0);
  const [local, setLocal] = useState<Data>();
  const data = local ?? first;
  const service = data instanceof Service ? data : undefined;
  const home = first instanceof Service ? first : undefined;
  const changed = useCallback(() => setVersion((count) => count + 1), []);
  const show = (other: Data | undefined) => {
    setLocal(other);
    // It may have the same name.
    changed();
  };
  useChanges(service, changed);

  const timezone = data.about?.timezone ?? view.timezone;
  const whole: Question = { timezone, sources: view.sources, export: view.export };
  const scale = useMemo(() => scaleOf(view), [view.measure, view.price, view.currency, view.co2]);
  const source = data.about?.title ?? "service";
  const key = (...parts: unknown[]) => JSON.stringify([source, version, timezone, view.export, ...parts]);

  const all = useAsk((signal) => data.profile({ ...whole, sources: [] }, "year", signal), key("all"));
  const extent = daysOf(all.value);
  const period = periodOf(view, extent);
  const question: Question | undefined = period && { ...whole, ...period };
  const width = period && barWidth(period);
  const profile = useAsk(
    question && width && ((signal) => data.profile(question, width, signal)),
    key(question, width),
  );
  const other = period && view.compare !== "none" ? beforeOf(view, period) : undefined;
  const before = useAsk(
    other && width && ((signal) => data.profile({ ...whole, ...other }, width, signal)),
    key(other, view.sources, width),
  );
  const shown = profile.value;
  const hourDays = shown && period ? hourDaysOf(view, shown) : undefined;
  const minutes = shown?.peak?.minutes === 15 && hourDays && lengthOf(hourDays) <= QUARTER_DAYS ? 15 : 60;
  const stacked = view.sources.length > 1;
  const hours = useAsk(
    hourDays &&
      (async (signal): Promise<HourData> => {
        const asked = { ...whole, ...hourDays };
        const resolution = minutes === 15 ? "15min" : "hour";
        const [rows, own] = await Promise.all([
          data.rows(asked, resolution, signal),
          stacked ? data.rows({ ...asked, bySource: true }, resolution, signal) : [],
        ]);
        return { days: hourDays, minutes, rows, own };
      }),
    key(hourDays, minutes, view.sources),
  );
  const layers = useAsk(
    stacked && question && width
      ? async (signal) => {
          const found: ProfileDocument[] = [];
          for (const id of view.sources) found.push(await data.profile({ ...question, sources: [id] }, width, signal));
          return found.map(({ bars }, n) => ({ name: view.sources[n]!, bars }));
        }
      : undefined,
    key(question, width, "layers"),
  );
  const [pages, setPages] = useState(1);
  const batches = useAsk(
    service &&
      (async (signal) => {
        const found = [];
        let cursor: string | undefined;
        for (let page = 0; page < pages; page++) {
          const { batches, next } = await service.batches(cursor, signal);
          found.push(...batches);
          cursor = next ?? undefined;
          if (cursor === undefined) break;
        }
        return { found, more: cursor !== undefined };
      }),
    key("batches", pages),
  );

  const pick = (days: Days) => change({ dayFrom: days.from, dayTo: days.to });
  const zoom = (days: Days) => change({ ...days, dayFrom: undefined, dayTo: undefined });
  const jump = (label: string) => {
    const to = label.slice(0, 10);
    const inside = period !== undefined && to >= period.from && to <= period.to;
    change({ dayFrom: to, dayTo: to, ...(inside ? {} : spanAround(to, "month")) });
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
    document.querySelector(".chart-hours")?.scrollIntoView({ block: "nearest", behavior });
  };
  useKeys(period, extent, view, change);

  // Also of a period that is asked for later: what is shown would stay, under other days.
  const denied = [all.refusal, profile.refusal].find((one) => one !== undefined && OTHER_TOKEN.has(one.code));
  if (local === undefined && home !== undefined && denied !== undefined)
    return (
      <SignIn
        refusal={denied}
        enter={(token) => {
          home.token = token;
          changed();
        }}
      />
    );
  const upload =
    home === undefined ? undefined : (
      <Upload
        service={home}
        scale={scale}
        timezone={timezone}
        changed={changed}
        look={async (file) => {
          const found = await looked(file, home, view.timezone);
          change({ from: undefined, to: undefined, dayFrom: undefined, dayTo: undefined, sources: [] });
          show(found);
        }}
      />
    );
  const refusal = profile.refusal ?? all.refusal ?? before.refusal ?? hours.refusal ?? layers.refusal;
  const choice =
    refusal?.code === "export_or_not" ? <ExportChoice choose={(rule) => change({ export: rule })} /> : undefined;
  if (all.value === undefined && all.refusal !== undefined) return <Failure refusal={all.refusal}>{choice}</Failure>;
  if (all.value === undefined) return <Waiting slow={all.slow} />;
  const back =
    local === undefined ? undefined : (
      <button type="button" onClick={() => show(undefined)}>
        Back to the store
      </button>
    );
  if (extent === undefined || period === undefined)
    return data.about === undefined ? <Empty>{upload}</Empty> : <Nothing lines={data.about.lines}>{back}</Nothing>;
  const beforeName = view.compare === "year" ? "year before" : "period before";
  return (
    <>
      <header class="top">
        <h1>{data.about === undefined ? "Electro" : visible(data.about.title)}</h1>
        <p class="on-paper">{[daysText(period), timezone, ...view.sources.map((id) => visible(id))].join(" · ")}</p>
        <Period view={view} period={period} extent={extent} change={change} fixedZone={data.about?.timezone} />
      </header>
      <div class={profile.slow || hours.slow ? "quiet-bar busy" : "quiet-bar"} />
      {local === undefined ? undefined : <p class="note">Only looked at, not kept. {back}</p>}
      {refusal === undefined || choice !== undefined ? undefined : (
        <p class="note error" role="alert">
          {refusal.message}
        </p>
      )}
      <main>
        {choice}
        {shown === undefined || hourDays === undefined ? (
          <Waiting slow={profile.slow} />
        ) : (
          <>
            <Figures profile={shown} before={other && before.value} beforeName={beforeName} scale={scale} jump={jump} />
            <Bars
              profile={shown}
              before={other && before.value}
              beforeName={beforeName}
              layers={(stacked && layers.value) || []}
              scale={scale}
              chosen={hourDays}
              pick={pick}
              zoom={zoom}
              csv={() => data.csv({ ...question!, bySource: stacked }, shown.bar as Span)}
            />
            {hours.value === undefined ? undefined : (
              <Hours
                days={hours.value.days}
                minutes={hours.value.minutes}
                timezone={timezone}
                rows={hours.value.rows}
                layers={layersOf(hours.value.own, view.sources)}
                scale={scale}
                zoom={zoom}
                csv={() => data.csv({ ...whole, ...hourDays, bySource: stacked }, minutes === 15 ? "15min" : "hour")}
              />
            )}
            <HeatMap profile={shown} pick={pick} />
            <div class="pair">
              <TypicalDay profile={shown} />
              <Duration profile={shown} />
            </div>
            <Sources
              data={data}
              question={question!}
              version={version}
              profile={shown}
              view={view}
              scale={scale}
              change={change}
            />
            <Quality
              profile={shown}
              batches={batches.value?.found ?? []}
              timezone={timezone}
              about={data.about}
              jump={jump}
            />
          </>
        )}
        {service === undefined ? undefined : (
          <Ledger
            service={service}
            batches={batches.value?.found ?? []}
            more={batches.value?.more === true}
            showMore={() => setPages(pages + 1)}
            scale={scale}
            timezone={timezone}
            changed={changed}
          />
        )}
        {upload}
      </main>
      <footer>
        {data.about === undefined ? (
          <p class="quiet">
            <a href="docs">API</a> · ← → move the period · d w m y a choose its length · Esc goes back · drag on a chart
            to zoom
          </p>
        ) : (
          data.about.lines.map((line) => (
            <p class="quiet" key={line}>
              {visible(line)}
            </p>
          ))
        )}
      </footer>
    </>
  );
}

interface HourData {
  readonly days: Days;
  readonly minutes: 15 | 60;
  readonly rows: readonly Row[];
  readonly own: readonly Row[];
}

function Waiting({ slow }: { slow: boolean }) {
  return <p class="waiting">{slow ? "Asking for the sums…" : ""}</p>;
}
