"""The engine: what could be argued over in a meeting without a computer. Pure; arrays in, arrays out."""
