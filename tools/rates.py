"""Makes the table of rebuilding rates anew, and prints the checksum that belongs into `engine/welfare/rates.py`."""

from hashlib import sha256
from pathlib import Path

import numpy as np

from anlan.engine.welfare import rates

PLACE = Path(rates.__file__).with_name(rates.KEPT)


def main() -> None:
    """Write the table of the economy that `KEPT_FOR` names."""
    np.save(PLACE, rates.reckon(rates.LOST, rates.SAVED, rates.KEPT_FOR).astype(np.float32), allow_pickle=False)
    print(f"{PLACE.name}: KEPT_SHA256 = {sha256(PLACE.read_bytes()).hexdigest()!r}")


if __name__ == "__main__":
    main()
