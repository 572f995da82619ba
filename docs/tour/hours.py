# docs/tour/hours.py
import glob
from decimal import Decimal

import pandas as pd

files = sorted(glob.glob("output_data/hourly_data_*.csv"))
hours = pd.concat(pd.read_csv(file, converters={"aggregated_kWh_value": Decimal}) for file in files)
hours["hourly_timestamp"] = pd.to_datetime(hours["hourly_timestamp"], utc=True).dt.tz_convert("Europe/Berlin")
days = hours.groupby(hours["hourly_timestamp"].dt.date)["aggregated_kWh_value"].sum()
print(days.to_csv(header=False), end="")
