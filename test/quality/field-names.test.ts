import { describe, expect, it, test } from "vitest";
import { textOf } from "../../dist/base/message.js";
import { type Field, noSourceWarning, powerWarning } from "../../dist/quality/field-names.js";

describe("power", () => {
  it.each([
    "power",
    "kW",
    "KW",
    "w",
    "power_kW",
    "Leistung (kW)",
    "loadKW",
    "activePowerW",
    "watts",
    "Power [W]",
    "mean kilowatts",
  ])("is seen in a value field that is named %s", (name) =>
    expect(powerWarning("in.csv", [name], ["timestamp"], [])?.code).toBe("power"),
  );

  it.each([
    "kWh_value",
    "kWh",
    "kwh",
    "energy",
    "Wh",
    "powerWh",
    "Verbrauch (kWh)",
    "power_consumption_kWh",
    "value",
    "raw",
    "flow",
    "watt_hours",
    "window",
    "Wert",
    "how",
    "powermeter",
    "new",
    "VW",
    "E [kW·h]",
    "kW h",
    "kW.h",
  ])("is not seen in %s", (name) => expect(powerWarning("in.csv", [name], ["timestamp"], [])).toBeUndefined());

  it("is seen in a field that says the unit", () => {
    const { message = "" } = powerWarning("in.csv", ["value"], ["timestamp"], [["unit", "kW"]]) ?? {};
    expect(textOf(message, "commandLine")).toBe(
      'in.csv: unit "kW" looks like power, not the energy of intervals: the sums would be wrong. If each is the average of an interval, say --values power and how long it is, such as --interval 15m',
    );
    for (const field of [
      ["unit", "kWh"],
      ["location", "W"],
      ["united", "kW"],
    ] as Field[])
      expect(powerWarning("in.csv", ["value"], ["timestamp"], [field])).toBeUndefined();
  });
});

test.each([
  ["power_w", "W"],
  ["activePowerW", "W"],
  ["Watts", "W"],
  ["Leistung [MW]", "MW"],
  ["loadMW", "MW"],
  ["megawatts", "MW"],
  ["power", undefined],
  ["kW", undefined],
  ["loadkW", undefined],
  ["power (kW)", undefined],
  ["mean kilowatts", undefined],
])("the unit of power is told from the name %s", (name, unit) => {
  for (const warning of [
    powerWarning("in.csv", [name], ["timestamp"], []),
    powerWarning("in.csv", ["value"], ["timestamp"], [["unit", name]]),
  ]) {
    const told = textOf(warning!.message, "commandLine");
    expect(/--values power, --unit (\w+) and how long/.exec(told)?.[1], told).toBe(unit);
  }
});

describe("a source in another field", () => {
  const wanted = ["timestamp", "kWh_value", "meter_id", "source_id"];
  const told = (...fields: Field[]) => {
    const warning = noSourceWarning(
      "in.csv",
      wanted,
      [["timestamp", "2024-01-01T00:00Z"], ["kWh_value", "1"], ...fields],
      false,
    );
    return warning && textOf(warning.message, "commandLine");
  };

  it("is named", () => {
    expect(told(["device", "a"])).toBe(
      'in.csv: no reading has a source (a field "meter_id" or "source_id"), so all are counted together. Is it in the field "device"? Try --source-field device',
    );
    for (const name of ["LCLid", "customer", "house", "inverter", "Zählernummer", "Messlokation", "account no", "plug"])
      expect(told([name, "a"])).toContain(`Try --source-field `);
    expect(told(["note", "x"], ["meterName", "a"], ["site.id", "7"])).toMatch(
      /Is it in one of the fields "meterName", "site\.id"\? Try --source-field meterName$/,
    );
  });

  it("is missed where the user named a field that no record has", () => {
    const warning = noSourceWarning("in.csv", ["timestamp", "kWh_value", "Zahlpunkt"], [["note", "x"]], true);
    expect(warning && textOf(warning.message, "http")).toBe(
      'in.csv: no reading has a source (a field "Zahlpunkt"), so all are counted together (found: "note"); is source_field right?',
    );
  });

  it("is not looked for where there is one, or nothing like it", () => {
    expect(told(["meter_id", "a"], ["device", "a"])).toBeUndefined();
    expect(told()).toBeUndefined();
    expect(told(["row_id", "7"], ["readingId", "8"])).toBeUndefined();
    expect(told(["quality", "A"], ["temperature", "7"], ["paid", "1"])).toBeUndefined();
  });
});
