/** Units of energy in lower case, and the power of ten that makes 10⁻¹⁸ kWh of each. */
export const ENERGY_UNITS: Readonly<Record<string, number>> = Object.assign(Object.create(null), {
  wh: 15,
  kwh: 18,
  mwh: 21,
  gwh: 24,
});
