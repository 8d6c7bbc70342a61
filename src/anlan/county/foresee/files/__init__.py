"""What the impact commands read and write: tables in Parquet, hazards in npz or NetCDF 4, curves in csv."""
